import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Cluster, until } from '../chaos/cluster.js';

type Line = Readonly<Record<string, unknown>>;

let cluster: Cluster;
beforeEach(async () => {
  cluster = await Cluster.start();
});
afterEach(() => cluster.close());

const ERROR = 50;

it('says one JSON object a line, with the request or the job that it is about', async () => {
  cluster.worker({ device: 'board' });
  await until(() => cluster.count('SELECT count(*) FROM device WHERE environment_id IS NOT NULL') === 1);
  const candidate = { zoo: 'mobilenet-v3-tiny' };
  const job = await cluster.post<{ job: { id: string } }>('/measure', { device: 'board', candidate });
  const refused = await cluster.post('/measure', { device: 'board', candidate: { zoo: 'none' } });
  expect([job.status, refused.status]).toEqual([202, 422]);
  await until(() => cluster.unfinished() === 0);
  await until(() => read().some(({ job: id, msg }) => id === job.body.job.id && msg === 'finished'));

  const lines = read();
  for (const line of lines) {
    expect(line).toMatchObject({
      level: expect.any(Number),
      time: expect.any(Number),
      msg: expect.any(String),
    });
    expect(['api', 'measure']).toContain(line.name);
  }
  const answers = lines.filter(({ msg, url }) => msg === 'answered' && url === '/measure');
  for (const answer of answers)
    expect(answer).toMatchObject({
      name: 'api',
      reqId: expect.any(String),
      method: 'POST',
      by: 'local',
      durationMs: expect.any(Number),
    });
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 422]);
  expect(new Set(answers.map(({ reqId }) => reqId)).size).toBe(2);
  const ofJob = lines.filter(({ name, job: id }) => name === 'measure' && id === job.body.job.id);
  expect(ofJob.map(({ msg, attempt }) => [msg, attempt])).toEqual([
    ['started', 1],
    ['finished', 1],
  ]);
  expect(lines.filter(({ level }) => (level as number) >= ERROR)).toEqual([]);
});

/** Every line that was said to its end. */
function read(): readonly Line[] {
  const text = readFileSync(cluster.logFile, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n'))
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}
