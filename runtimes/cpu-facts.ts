import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release } from 'node:os';

export interface CpuFacts {
  readonly cpuModel: string;
  /** Vector extensions that change which kernels run, sorted. */
  readonly isa: string[];
  readonly arch: string;
  /** Name and `major.minor` of the kernel. */
  readonly os: string;
}

const VECTOR_EXTENSIONS =
  /^(sse4_2|avx|avx2|fma|f16c|avx512[a-z0-9_]*|avx_vnni|amx_[a-z0-9]+|asimd|asimddp|asimdhp|i8mm|bf16|sve|sve2)$/;

/** Facts about this machine's processor and kernel that survive a reboot. */
export function cpuFacts(): CpuFacts {
  const [major, minor] = release().split('.');
  return {
    cpuModel: cpus()[0]?.model.trim() || 'unknown',
    isa: vectorExtensions(),
    arch: arch(),
    os: `${platform()} ${major}.${minor}`,
  };
}

/** Empty where the kernel does not list them. */
function vectorExtensions(): string[] {
  let text: string;
  try {
    text = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return [];
  }
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1] ?? '';
  return flags
    .trim()
    .split(/\s+/)
    .filter((flag) => VECTOR_EXTENSIONS.test(flag))
    .sort();
}
