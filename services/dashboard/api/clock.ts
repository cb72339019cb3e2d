import { signal } from '@preact/signals';

/** Now, to the second: "12 s ago" depends on it. Rests while the page is hidden. */
export const nowMs = signal(Date.now());

setInterval(() => {
  if (!document.hidden) nowMs.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => {
  nowMs.value = Date.now();
});
