/** What the api process tells the one that started it, over IPC. */
export type ServerMessage =
  | { readonly type: 'listening'; readonly url: string; readonly port: number }
  | { readonly type: 'failed'; readonly message: string };
