export { SocketInstrumentation } from './instrumentation';
export * from './semconv';
export { socketFailureOf } from './socket-failure-of';
export type {
  ConnectionFacts,
  FailureCause,
  FailureConfidence,
  FailureInitiator,
  FailureKind,
  FailurePhase,
  FailureSent,
  PeerTimeoutSource,
  SocketFailure,
  SocketInstrumentationConfig,
} from './types';
