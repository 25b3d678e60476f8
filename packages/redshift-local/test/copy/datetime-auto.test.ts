import assert from 'node:assert/strict';
import { dateText, eraSuffix, offsetText, timeText } from '../../src/copy/datetime/civil-time.js';
import { parseAutoDateTime } from '../../src/copy/datetime/datetime-auto.js';

function read(text: string): string | undefined {
  const time = parseAutoDateTime(text);
  return time && `${dateText(time)} ${timeText(time)}${offsetText(time)}${eraSuffix(time)}`;
}

describe("DATEFORMAT and TIMEFORMAT 'auto'", () => {
  it('recognises the formats of the Developer Guide', () => {
    assert.deepEqual(
      [
        '2019-02-11T05:09:12.195Z',
        'J2451187',
        'Jan-08-95 BC',
        '19960108 040809',
        '960108 040809',
        '1996.008',
        '1996-01-08 04:05:06.789',
        '17 Dec 07:37:16 1997 PST',
        '12/17/1997 07:37:16.00 PST',
        '1997-12-17 07:37:16-08',
        '12.17.1997 07:37:16.00 PST',
        'January 8, 1999',
        '1999-01-08',
      ].map(read),
      [
        '2019-02-11 05:09:12.195000+00:00',
        '1999-01-08 00:00:00+00:00',
        '0095-01-08 00:00:00+00:00 BC',
        '1996-01-08 04:08:09+00:00',
        '1996-01-08 04:08:09+00:00',
        '1996-01-08 00:00:00+00:00',
        '1996-01-08 04:05:06.789000+00:00',
        '1997-12-17 07:37:16-08:00',
        '1997-12-17 07:37:16-08:00',
        '1997-12-17 07:37:16-08:00',
        '1997-12-17 07:37:16-08:00',
        '1999-01-08 00:00:00+00:00',
        '1999-01-08 00:00:00+00:00',
      ],
    );
  });

  it('refuses what is no date or never was', () => {
    assert.deepEqual(['', 'abc', '2019-02-29', '2019-01-01 25:00', '2019-01-01 10:00 foo', '00/00/00'].map(read), [
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
