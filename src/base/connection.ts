/** An open connection in the clear, as an edge passes it on to another process. */
export interface Connection {
  /** Non-blocking, of this process. Undefined once it is closed: its number may be another's then, so it is asked for when it is used. */
  readonly descriptor: number | undefined;
}
