import { spawnSync } from 'node:child_process';

// A child does it: a library that does not fit can abort the process that loads it.
const PROBE = `
import * as tf from '@tensorflow/tfjs-node';
if (tf.getBackend() !== 'tensorflow') throw new Error('the backend is ' + tf.getBackend());
const images = tf.ones([2, 4, 4, 1]);
const loss = (kernel) => tf.conv2d(images, kernel, 1, 'same').mean();
const [gradient] = tf.grads(loss)([tf.ones([3, 3, 1, 1])]);
const centre = gradient.dataSync()[4];
if (Math.abs(centre - 1) > 1e-6) throw new Error('a convolution has the gradient ' + centre + ', not 1');
console.log('version=' + tf.backend().binding.TF_Version);
`;

/** Whether a convolution trains on the native backend here; if not, why. */
export function usability(root) {
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', PROBE], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  const version = /^version=(.+)$/m.exec(child.stdout ?? '')?.[1];
  if (child.status === 0 && version !== undefined) return { works: true, version };
  return { works: false, reason: reasonOf(child) };
}

function reasonOf({ stderr, signal, error }) {
  if (error?.code === 'ETIMEDOUT') return 'loading it took more than a minute';
  if (/native addon module .* can not\s+be found/s.test(stderr)) return 'the native library was never built';
  const thrown = /^(?:\w*Error): .+$/m.exec(stderr ?? '')?.[0];
  return thrown ?? (signal === null ? 'it ended without a word' : `loading it ended with ${signal}`);
}
