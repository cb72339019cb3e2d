const NAME = 'lutra-device';
const ANSWER_WITHIN_MS = 400;

/**
 * Whether this tab may measure: two at once would disturb each other. The right lasts until the tab is closed.
 * Insecure origins have no locks; there the tab that measures answers the others.
 */
export function becomeOnlyTab(): Promise<boolean> {
  return 'locks' in navigator ? byLock() : byAsking();
}

function byLock(): Promise<boolean> {
  return new Promise((resolve) => {
    void navigator.locks.request(NAME, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      // Held for as long as the tab lives.
      return lock === null ? undefined : new Promise<never>(() => undefined);
    });
  });
}

function byAsking(): Promise<boolean> {
  const channel = new BroadcastChannel(NAME);
  return new Promise((resolve) => {
    const free = setTimeout(() => {
      channel.onmessage = ({ data }) => {
        if (data === 'anyone?') channel.postMessage('I am');
      };
      resolve(true);
    }, ANSWER_WITHIN_MS);
    channel.onmessage = ({ data }) => {
      if (data !== 'I am') return;
      clearTimeout(free);
      channel.close();
      resolve(false);
    };
    channel.postMessage('anyone?');
  });
}
