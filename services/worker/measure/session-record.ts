import type { Environment } from '../../../contracts/environment.js';
import type { MeasureMessage } from '../../../contracts/measure-message.js';
import type {
  HostProbe,
  ProbeSamples,
  SubjectFailure,
  SubjectTerms,
} from '../../../contracts/measurement.js';

/** What one child has told so far. */
export class SessionRecord {
  environment: Omit<Environment, 'pinned'> | undefined;
  allowedCores: string | undefined;
  observations: Readonly<Record<string, unknown>> = {};
  terms: readonly SubjectTerms[] = [];
  readonly probes: ProbeSamples[] = [];
  readonly failures: SubjectFailure[] = [];
  readonly hostProbes: HostProbe[] = [];
  private announced: { readonly phase: string; readonly graphId: string } | undefined;

  get hasAnnounced(): boolean {
    return this.announced !== undefined;
  }

  note(message: MeasureMessage): void {
    switch (message.type) {
      case 'environment':
        this.environment = message.environment;
        this.allowedCores = message.allowedCores;
        break;
      case 'terms':
        this.terms = message.terms;
        break;
      case 'subject-failure':
        this.failures.push(message.failure);
        break;
      case 'announce':
        this.announced = message;
        break;
      case 'graph-failure':
        for (const subjectId of this.subjectsOf(message.graphId))
          this.failures.push({ subjectId, kind: message.kind, message: message.message });
        break;
      case 'probe':
        this.probes.push(message.probe);
        break;
      case 'host-probe':
        this.hostProbes.push(message.probe);
        break;
      case 'end':
        this.observations = message.observations;
        break;
      case 'progress':
        break;
    }
  }

  /** Subjects of the graph that the child announced last; none when it had not come that far. */
  blamedSubjects(): readonly string[] {
    return this.announced === undefined ? [] : this.subjectsOf(this.announced.graphId);
  }

  /** What the child was doing, for people. */
  describeAnnounced(): string {
    return this.announced === undefined ? 'start' : `${this.announced.phase} of ${this.announced.graphId}`;
  }

  private subjectsOf(graphId: string): string[] {
    return this.terms
      .filter(({ terms }) => terms.some((term) => term.graphId === graphId))
      .map(({ subjectId }) => subjectId);
  }
}
