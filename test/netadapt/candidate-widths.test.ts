import { describe, expect, it } from 'vitest';
import { candidateWidths } from '../../core/netadapt/candidate-widths.js';

describe('candidateWidths', () => {
  it('lists narrower multiples of the step, widest first, down to one step', () => {
    expect(candidateWidths(40, 8)).toEqual([32, 24, 16, 8]);
    expect(candidateWidths(41, 8)).toEqual([40, 32, 24, 16, 8]);
    expect(candidateWidths(20, 16)).toEqual([16]);
    expect(candidateWidths(3, 1)).toEqual([2, 1]);
  });

  it('is empty for a group that is one step wide or narrower', () => {
    expect(candidateWidths(16, 16)).toEqual([]);
    expect(candidateWidths(10, 16)).toEqual([]);
  });
});
