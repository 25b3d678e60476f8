/** One line of progress for a person; `ongoing` lines replace each other where the terminal allows it. */
export interface StackEvent {
  readonly part: 'stack' | 'temporal' | 's3' | 'redshift' | 'worker' | 'upload';
  readonly message: string;
  /** true while the same work goes on and a further line follows. */
  readonly ongoing: boolean;
}

/** Receives progress; must not throw. */
export type OnStackEvent = (event: StackEvent) => void;
