/** What an answer's XML is made of: an array repeats its element; undefined leaves it out. */
export type XmlValue = string | number | boolean | Date | undefined | XmlRecord | readonly XmlValue[];

/** The children of an element, by name. */
export interface XmlRecord {
  readonly [name: string]: XmlValue;
}

/** Writes one element, or one for each member of an array. */
export function toXml(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((member) => toXml(name, member)).join('');
  return `<${name}>${content(value as Exclude<XmlValue, undefined | readonly XmlValue[]>)}</${name}>`;
}

/** Escapes text for an element or attribute; characters that XML 1.0 cannot hold are replaced. */
export function escapeXml(text: string): string {
  return (
    text
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
      .replace(/\r/g, '&#xD;')
      .replace(/\n/g, '&#xA;')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters XML 1.0 forbids.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd')
  );
}

function content(value: string | number | boolean | Date | XmlRecord): string {
  if (typeof value === 'string') return escapeXml(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, child]) => toXml(name, child))
    .join('');
}
