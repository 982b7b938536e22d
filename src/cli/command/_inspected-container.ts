/** What the commands themselves need of GET /containers/{id}/json. */
export interface InspectedContainer {
  readonly Id: string;
  readonly Config: { readonly Tty: boolean; readonly OpenStdin: boolean };
  readonly State: { readonly Running: boolean; readonly Paused: boolean; readonly Restarting: boolean };
  readonly HostConfig: { readonly AutoRemove: boolean };
}
