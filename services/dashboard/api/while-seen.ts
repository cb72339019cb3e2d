/**
 * Does something while the page is in sight: at once if it is, and anew whenever it comes back. Browsers allow six
 * connections to a service, which streams of tabs that nobody looks at would use up.
 * @param start returns what stops it
 * @returns ends it for good
 */
export function whileSeen(start: () => () => void): () => void {
  let stop: (() => void) | null = null;
  const follow = () => {
    if (document.hidden) {
      stop?.();
      stop = null;
    } else {
      stop ??= start();
    }
  };
  follow();
  document.addEventListener('visibilitychange', follow);
  return () => {
    document.removeEventListener('visibilitychange', follow);
    stop?.();
  };
}
