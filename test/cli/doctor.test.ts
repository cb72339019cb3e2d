import { Check } from 'typebox/value';
import { expect, test } from 'vitest';
import { doctorText } from '../../cli/views/doctor-text.js';
import { DoctorReport } from '../../contracts/doctor.js';
import { startLutra } from './run-lutra.js';

test('lutra doctor tries every engine and needs no server', async () => {
  const { code, stdout } = await startLutra(['doctor', '--json']).finished;
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as DoctorReport;
  expect(Check(DoctorReport, report)).toBe(true);
  const states = Object.fromEntries(report.engines.map(({ name, state }) => [name, state]));
  expect(states).toMatchObject({ onnxruntime: 'pass', 'onnxruntime int8': 'pass', 'tfjs-wasm': 'pass' });
  const broken = report.engines.find(({ name }) => name === 'tfjs-node')!;
  if (broken.state !== 'pass') expect(broken.mend).toContain('npm run tfjs-node');
  // Four engines, one after the other, and tfjs-node's library takes seconds to load on a busy machine.
}, 240_000);

test('its text: three sections, what is wrong, and how to mend it on the next line', () => {
  const text = doctorText({
    engines: [
      { name: 'onnxruntime', state: 'pass', detail: '1.30.0' },
      { name: 'tfjs-node', state: 'fail', detail: 'does not load', mend: 'npm run tfjs-node' },
    ],
    machine: [{ name: 'turbo', state: 'unobservable', detail: 'not shown' }],
    installation: [{ name: 'npm', state: 'warn', detail: '10.2.0', mend: 'npm install -g npm@11' }],
  });
  expect(text).toBe(
    [
      'Engines: 1 of 2 work',
      '  ok  onnxruntime  1.30.0',
      '  ✗   tfjs-node    does not load',
      '                   → npm run tfjs-node',
      '',
      'This machine: fit to measure',
      '  ?   turbo        not shown',
      '',
      'Installation: 1 to mend',
      '  !   npm          10.2.0',
      '                   → npm install -g npm@11',
    ].join('\n'),
  );
});
