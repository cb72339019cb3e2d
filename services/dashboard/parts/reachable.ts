/** For what scrolls: it must be reachable by keyboard, which not every browser sees to by itself. */
export const REACHABLE = { tabIndex: 0 } as const;
