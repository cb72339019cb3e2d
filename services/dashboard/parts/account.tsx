import { useEffect } from 'preact/hooks';
import { signInNeeded } from '../api/client.js';
import { closeStream } from '../api/live.js';
import { readSession, session, signOut } from '../api/session.js';
import { ActionButton } from './action-button.js';

/** The name of whoever needs no token, on the machine of the service. */
const NOBODY = 'local';

/** Whose token this browser uses, and how to use another. */
export function Account() {
  useEffect(() => {
    // The page says by itself that the service is out of reach.
    readSession().catch(() => undefined);
  }, []);
  const name = session.value?.name ?? NOBODY;
  if (name === NOBODY) return null;
  const leave = async () => {
    await signOut();
    if (signInNeeded.value) closeStream();
  };
  return (
    <footer class="account small soft">
      <span>
        Signed in as <b>{name}</b>
      </span>
      <ActionButton act={leave}>Sign out, or use another token</ActionButton>
    </footer>
  );
}
