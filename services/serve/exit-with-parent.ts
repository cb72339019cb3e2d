/** A child that ignores its parent's end for longer than this is stuck. */
const STUCK_AFTER_MS = 10_000;

/**
 * Ends this process when the one that started it goes away, however it went: the IPC channel to it closes. Every
 * process entry calls this before it begins its work. Without such a channel (started by hand) it does nothing.
 * @param stop asks the process to wind up, as SIGTERM does; the process ends at the latest ten seconds later. It must
 * bear being called again: a process that closes the channel itself, to be able to end, hears of that too
 */
export function exitWithParent(stop: () => void): void {
  if (process.connected === undefined) return;
  // The parent died while this process was loading its code: the event has come and gone.
  if (!process.connected) process.exit(1);
  process.once('disconnect', () => {
    setTimeout(() => process.exit(1), STUCK_AFTER_MS).unref();
    stop();
  });
  // Listening for `disconnect` must not keep a process alive that has nothing left to do.
  process.channel?.unref();
}
