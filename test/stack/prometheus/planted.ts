/**
 * Two alerts that once said something false, in their words of that time. They are planted into the stack's rules so
 * that every run shows that the check of `alerts-live.ts` finds them.
 */
export const PLANTED = ['PlantedTimeoutMismatch', 'PlantedRestartsDoNotDrain'] as const;

const LINKS = `
          runbook_url: http://localhost:9095/runbooks/peer_restart
          jaeger_url: 'http://localhost:16686/search?service=orders&lookback=1h&limit=50'
`;

export const plantedRules = `
  - name: planted
    rules:
      - alert: PlantedTimeoutMismatch
        expr: |
          sum by (service_name, server_address) (peer:socket_spans:increase1h{socket_timeout_mismatch="true"}) >= 3
        labels:
          severity: ticket
          source: planted
        annotations:
          summary: '{{ $labels.service_name }} keeps idle connections to {{ $labels.server_address }} as long as the peer or longer: requests will be lost'
          description: >-
            In the last hour {{ $value | printf "%.0f" }} requests, of {{ with printf "peer:socket_spans_reused:increase1h{service_name=%q,server_address=%q}" $labels.service_name $labels.server_address | query }}{{ . | first | value | printf "%.0f" }}{{ else }}no{{ end }} on reused connections, were on one whose peer has the shorter idle timeout.${LINKS}
      - alert: PlantedRestartsDoNotDrain
        expr: |
          sum by (job, server_address, server_port) (increase(socket_failures_total{socket_failure_cause=~"peer_restart|peer_aborted"}[1h])) > 0
        labels:
          severity: ticket
          source: planted
        annotations:
          summary: 'Restarts of {{ $labels.server_address }}{{ with $labels.server_port }}:{{ . }}{{ end }} cut requests of {{ $labels.job }}'
          description: In the last hour {{ $value | printf "%.0f" }} requests were in flight when the peer went away.${LINKS}`;
