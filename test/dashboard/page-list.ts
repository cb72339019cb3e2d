import type { Seeded } from './seed.js';

export interface ShownPage {
  /** Also of its picture. */
  readonly name: (typeof PAGE_NAMES)[number];
  readonly path: string;
  /** There once the page has all that it shows. */
  readonly ready: string;
}

/** All that {@link everyPage} yields, known before anything is seeded. */
export const PAGE_NAMES = [
  'overview',
  'jobs',
  'job',
  'job-running',
  'job-failed',
  'job-waiting',
  'job-training',
  'table',
  'table-devices',
  'table-environments',
  'table-empty',
  'explore',
  'adaptations',
  'adaptation',
  'adaptation-cancelled',
  'devices',
  'device',
  'device-unserved',
  'not-found',
  'unknown-job',
  'pairing',
] as const;

/** Every page, with what the seeded service has to show on it. */
export function everyPage(seeded: Seeded): readonly ShownPage[] {
  const { measured, failed, waiting, training, adaptation, cancelledAdaptation } = seeded;
  const earlier = seeded.earlierEnvironment.slice(0, 12);
  return [
    { name: 'overview', path: '/#/', ready: 'section:has-text("Recent results") .figure:has-text("µs")' },
    { name: 'jobs', path: '/#/jobs', ready: `a[href="#/jobs/${seeded.running.id}"]` },
    { name: 'job', path: `/#/jobs/${measured.id}`, ready: '.chart .sample.counted' },
    { name: 'job-running', path: `/#/jobs/${seeded.running.id}`, ready: 'text=So far, 95 % interval' },
    { name: 'job-failed', path: `/#/jobs/${failed.id}`, ready: '.notice.bad' },
    { name: 'job-waiting', path: `/#/jobs/${waiting.id}`, ready: 'text=no worker' },
    { name: 'job-training', path: `/#/jobs/${training.id}`, ready: 'text=Holdout accuracy' },
    { name: 'table', path: '/#/table?device=local', ready: '.chart .stairs' },
    {
      name: 'table-devices',
      path: '/#/table?device=local&beside=board',
      ready: '.chart .series-1',
    },
    {
      name: 'table-environments',
      path: `/#/table?device=local&beside=local@${earlier}`,
      ready: '.chart .series-1',
    },
    { name: 'table-empty', path: '/#/table?device=phone', ready: 'text=The table is empty' },
    { name: 'explore', path: '/#/explore', ready: '.chart .macs-point' },
    { name: 'adaptations', path: '/#/adaptations', ready: `a[href="#/adaptations/${adaptation.id}"]` },
    { name: 'adaptation', path: `/#/adaptations/${adaptation.id}`, ready: 'text=Compared' },
    {
      name: 'adaptation-cancelled',
      path: `/#/adaptations/${cancelledAdaptation.id}`,
      ready: 'button:has-text("Resume")',
    },
    { name: 'devices', path: '/#/devices', ready: 'a[href="#/devices/phone"]' },
    { name: 'device', path: '/#/devices/local', ready: '.chart .anchor' },
    { name: 'device-unserved', path: '/#/devices/phone', ready: 'text=no worker has been there yet' },
    { name: 'not-found', path: '/#/nowhere', ready: 'text=There is no such page' },
    { name: 'unknown-job', path: '/#/jobs/job_nowhere', ready: '[role="alert"]' },
    { name: 'pairing', path: '/device#ABCD-EFGH', ready: 'button:has-text("Pair")' },
  ];
}
