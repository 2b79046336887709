// Alerts, recording rules and the dashboard for jsonnet; config.libsonnet has the settings.
//
//   local mixin = (import 'mixin.libsonnet') + { _config+:: { runbookUrl: 'https://git.example.org/elasticache-updates' } };
//   { 'rules.json': mixin.prometheusAlerts, 'dashboard.json': mixin.grafanaDashboards['elasticache-updates.json'] }
//
// All rules are one group in prometheusAlerts, because they rest on each other in their order; prometheusRules has none.

(import 'config.libsonnet') + (import 'rules.libsonnet') + (import 'dashboard.libsonnet')
