import { useSignal } from '@preact/signals';
import { openStream } from '../api/live.js';
import { endedBecause, signIn } from '../api/session.js';
import { Card } from './card.js';

/** The api wants a token. It is exchanged for a cookie that no script can read. */
export function SignIn() {
  const token = useSignal('');
  const refusal = useSignal<string | null>(null);
  const why = refusal.value ?? endedBecause.value;
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await signIn(token.value.trim());
      openStream();
    } catch (error) {
      refusal.value = (error as Error).message;
    }
  };
  return (
    <Card title="A token is needed">
      <form class="card-body stack" onSubmit={submit}>
        <p class="soft">
          This service answers only who has a token. <code>lutra tokens create</code> on its machine makes
          one.
        </p>
        <label>
          <span>Token</span>
          <input
            type="password"
            autocomplete="current-password"
            required
            value={token}
            onInput={(event) => {
              token.value = event.currentTarget.value;
            }}
          />
        </label>
        {why !== null && (
          <p class="notice bad" role="alert">
            {why}
          </p>
        )}
        <div>
          <button class="primary" type="submit">
            Sign in
          </button>
        </div>
      </form>
    </Card>
  );
}
