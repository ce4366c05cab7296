/**
 * Names that the components really serve. jicofo, below `jitsi_jicofo`: ConferenceMetrics.kt,
 * BridgeSelector.kt, JibriDetectorMetrics.kt and JibriStats.kt. The bridge, below `jitsi_jvb`: the
 * users of its VideobridgeMetricsContainer. A counter gets `_total` from jicoco's MetricsContainer.
 */
export const servedMetrics: ReadonlySet<string> = new Set([
  'jitsi_jicofo_bridge_selector_bridge_count_operational',
  'jitsi_jicofo_bridges_removed_total',
  'jitsi_jicofo_conferences',
  'jitsi_jicofo_jibri_instances',
  'jitsi_jicofo_jibri_instances_available',
  'jitsi_jicofo_jibri_live_streaming_active',
  'jitsi_jicofo_jibri_recording_active',
  'jitsi_jicofo_largest_conference',
  'jitsi_jicofo_participants_current',
  'jitsi_jicofo_participants_moved_total',
  'jitsi_jicofo_visitors_current',
  'jitsi_jvb_drain_mode',
  'jitsi_jvb_endpoints_ice_failed_total',
  'jitsi_jvb_endpoints_total',
  'jitsi_jvb_incoming_bitrate',
  'jitsi_jvb_incoming_loss_fraction',
  'jitsi_jvb_local_endpoints',
  'jitsi_jvb_mucs_joined',
  'jitsi_jvb_outgoing_bitrate',
  'jitsi_jvb_outgoing_loss_fraction',
  'jitsi_jvb_stress',
])
