import type { TSchema } from 'typebox';
import { AdaptationRequest, AdaptationView, Policy, Ranking } from '../../contracts/adaptation.js';
import { Candidate } from '../../contracts/candidate.js';
import { Environment } from '../../contracts/environment.js';
import {
  AdaptationAccepted,
  AdaptationList,
  AdaptationSummary,
  TrainedNetworkDocument,
} from '../../contracts/http/adaptations.js';
import { BlobCollection, BlobCollectionRequest, BlobStored } from '../../contracts/http/blob.js';
import { ChangeEvent } from '../../contracts/http/change-event.js';
import { ComparisonRequest } from '../../contracts/http/comparison.js';
import {
  DeviceEnvironments,
  DeviceList,
  DeviceRegistration,
  DeviceView,
} from '../../contracts/http/device-view.js';
import { EstimateAnswer, EstimateRequest, EstimateView } from '../../contracts/http/estimate.js';
import { FidelityReportRequest, FidelityReportView } from '../../contracts/http/fidelity.js';
import { Liveness, Readiness } from '../../contracts/http/health.js';
import { InspectRequest, InspectView } from '../../contracts/http/inspect.js';
import { JobList, JobView } from '../../contracts/http/job-view.js';
import { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import {
  LeaseEnd,
  LeaseRenewal,
  LeaseRequest,
  LeaseResult,
  LeaseState,
  LeaseView,
} from '../../contracts/http/lease.js';
import { MeasureAccepted, MeasureManyAccepted, MeasureRequest } from '../../contracts/http/measure.js';
import { MeasuredNetworks } from '../../contracts/http/measured-networks.js';
import { MeasuredSessionView, SessionSamplesView } from '../../contracts/http/measured-session.js';
import { NoiseCheckAccepted } from '../../contracts/http/noise-check.js';
import { PairedDevice, Pairing, PairingClaim } from '../../contracts/http/pairing.js';
import { Problem } from '../../contracts/http/problem.js';
import { QueueView } from '../../contracts/http/queue-view.js';
import { SessionRequest, SessionView } from '../../contracts/http/session.js';
import { ZooList, ZooNetworkView } from '../../contracts/http/zoo-view.js';
import { DatasetSpec, Recipe } from '../../contracts/job.js';
import { SessionReport } from '../../contracts/measurement.js';

/** Named models of the OpenAPI document: each stands there once. */
export const API_MODELS: readonly TSchema[] = [
  AdaptationAccepted,
  AdaptationList,
  AdaptationRequest,
  AdaptationSummary,
  AdaptationView,
  BlobCollection,
  BlobCollectionRequest,
  BlobStored,
  Candidate,
  ComparisonRequest,
  ChangeEvent,
  DatasetSpec,
  DeviceEnvironments,
  DeviceList,
  DeviceRegistration,
  DeviceView,
  Environment,
  EstimateAnswer,
  EstimateRequest,
  EstimateView,
  InspectRequest,
  InspectView,
  JobList,
  JobView,
  FidelityReportRequest,
  FidelityReportView,
  LatencyTableView,
  LeaseEnd,
  LeaseRenewal,
  LeaseRequest,
  LeaseResult,
  LeaseState,
  LeaseView,
  Liveness,
  MeasureAccepted,
  MeasuredNetworks,
  MeasureManyAccepted,
  MeasureRequest,
  MeasuredSessionView,
  NoiseCheckAccepted,
  PairedDevice,
  Pairing,
  PairingClaim,
  Policy,
  Problem,
  QueueView,
  Ranking,
  Readiness,
  Recipe,
  SessionReport,
  SessionRequest,
  SessionSamplesView,
  SessionView,
  TrainedNetworkDocument,
  ZooList,
  ZooNetworkView,
];
