import type { LocalFile } from './local-files.js';
import type { Uploaded } from './upload-record.js';

/** A file with the key it goes to and the ETag it will have there. */
export interface KeyedFile extends LocalFile {
  readonly key: string;
  readonly md5: string;
}

/** What an upload will do; every list is in the order of the keys. */
export interface UploadPlan {
  /** Not there, or there from us and changed since in the folder. */
  readonly put: readonly KeyedFile[];
  /** Keys of `put` that are there already, with our earlier content. */
  readonly replaced: readonly string[];
  /** There already with the same content. */
  readonly same: readonly KeyedFile[];
  /** From us, unchanged, and no longer a file of the folder. */
  readonly removed: readonly string[];
  /** A file of the folder, or one that we uploaded earlier, that somebody has changed: stays as it is. */
  readonly changed: readonly string[];
  /** Somebody else's: stays. */
  readonly foreign: readonly string[];
}

/**
 * Decides what an upload replaces and removes: only what is recorded as uploaded and still has the recorded ETag. Without a record only
 * objects with the content of their file count as ours.
 */
export function planUpload(request: {
  readonly files: readonly KeyedFile[];
  /** ETags by key. */
  readonly stored: ReadonlyMap<string, string>;
  readonly uploaded: Uploaded | undefined;
}): UploadPlan {
  const { files, stored, uploaded } = request;
  const recorded = new Map(Object.entries(uploaded?.objects ?? {}));
  const isOurs = (key: string) => recorded.get(key)?.includes(stored.get(key) ?? '') ?? false;
  const isSame = ({ key, md5 }: KeyedFile) => stored.get(key) === md5;
  const isFree = (file: KeyedFile) => !isSame(file) && (!stored.has(file.key) || isOurs(file.key));
  const wanted = new Set(files.map(({ key }) => key));
  // A key that ends in a slash is a folder that a console made.
  const others = [...stored.keys()].filter((key) => !wanted.has(key) && !key.endsWith('/'));
  const put = files.filter(isFree);
  const taken = files.filter((file) => !isSame(file) && !isFree(file)).map(({ key }) => key);
  return {
    put,
    replaced: put.map(({ key }) => key).filter((key) => stored.has(key)),
    same: files.filter(isSame),
    removed: others.filter(isOurs),
    changed: [...taken, ...others.filter((key) => recorded.has(key) && !isOurs(key))].sort(),
    foreign: others.filter((key) => !recorded.has(key)),
  };
}
