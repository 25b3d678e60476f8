/**
 * Random numbers that are the same on every machine: xoshiro128** 1.1 (Blackman and Vigna, public domain), seeded by mixing keys with the
 * finaliser of MurmurHash3. Only 32-bit integer arithmetic and exact divisions: no Math.random, and no Math function whose last digit
 * an engine may choose.
 */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 0;

  /** Starts the sequence that belongs to the keys; the same keys give the same sequence. Keys are integers from 0 to 2^53. */
  reseed(seed: number, kind: number, index = 0): this {
    const high = Math.floor(index / 4_294_967_296);
    const root = mix(mix(mix(mix(seed >>> 0) ^ kind) ^ (index >>> 0)) ^ high);
    this.a = mix(root ^ 0x9e3779b9);
    this.b = mix(this.a ^ 0x243f6a88);
    this.c = mix(this.b ^ 0xb7e15162);
    // The state must not be all zero.
    this.d = mix(this.c ^ 0x3c6ef372) | 1;
    return this;
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    const scrambled = Math.imul(rotate(Math.imul(this.b, 5), 7), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = rotate(this.d, 11);
    return scrambled >>> 0;
  }

  /** A fraction from 0 to below 1. */
  fraction(): number {
    return this.next() / 4_294_967_296;
  }

  /** An integer from 0 to below `limit`; limits up to 2^32 reach every value. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value;
  }
}

/** Bijective scrambling of 32 bits (finaliser of MurmurHash3): different inputs give different outputs. */
export function mix(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
