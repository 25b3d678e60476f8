/** Which resource of a cluster is to go. */
export interface DeletionRequest {
  readonly identifier: string;
  /** Name of a run: what another one created stays. @default whatever is Starshift's goes */
  readonly onlyIfCreatedBy?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What became of it. */
export interface Deletion {
  readonly deleted: boolean;
  /** True when it is there and is not to be deleted: its tags name somebody else. */
  readonly foreign?: boolean;
}
