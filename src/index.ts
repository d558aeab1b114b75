export { SocketInstrumentation } from './instrumentation';
export * from './semconv';
export { socketFailureOf } from './socket-failure-of';
export type {
  CauseList,
  ConnectionFacts,
  FailureCause,
  FailureConfidence,
  FailureInitiator,
  FailureKind,
  FailurePhase,
  FailureSent,
  PeerTimeoutSource,
  ReportedFailure,
  SocketFailure,
  SocketInstrumentationConfig,
} from './types';
export {
  FAILURE_CAUSES,
  FAILURE_CONFIDENCES,
  FAILURE_KINDS,
  FAILURE_PHASES,
  RETRY_POINTLESS,
} from './verdict/failure';
