import type { DoctorReport, Finding } from '../../contracts/doctor.js';

const MARK: Readonly<Record<Finding['state'], string>> = {
  pass: 'ok',
  warn: '!',
  fail: '✗',
  unobservable: '?',
};

/** Three sections, a line a finding, and under it how to mend it. */
export function doctorText({ engines, machine, installation }: DoctorReport): string {
  const working = engines.filter(({ state }) => state === 'pass').length;
  const warnings = machine.filter(({ state }) => state === 'warn' || state === 'fail').length;
  const lacking = installation.filter(({ state }) => state !== 'pass').length;
  const width = Math.max(...[...engines, ...machine, ...installation].map(({ name }) => name.length));
  const section = (title: string, findings: readonly Finding[]) =>
    [title, ...findings.flatMap((finding) => lines(finding, width))].join('\n');
  return [
    section(`Engines: ${working} of ${engines.length} work`, engines),
    section(
      `This machine: ${warnings === 0 ? 'fit to measure' : `${warnings} things make figures worse`}`,
      machine,
    ),
    section(`Installation: ${lacking === 0 ? 'complete' : `${lacking} to mend`}`, installation),
  ].join('\n\n');
}

function lines({ name, state, detail, mend }: Finding, width: number): readonly string[] {
  const first = `  ${MARK[state].padEnd(3)} ${name.padEnd(width)}  ${detail}`;
  return mend === undefined ? [first] : [first, `${' '.repeat(width + 8)}→ ${mend}`];
}
