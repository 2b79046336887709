// Settings; rules.libsonnet adds the thresholds.
{
  _config+:: {
    // Address of this project's root folder where your people read it; alerts link to docs/runbook.md there.
    runbookUrl: '',

    // Address of the exporter's page. It may hold a template, such as https://{{ $labels.aws_region }}.example.org.
    pageUrl: '',

    // Matchers that choose the exporter's series where Prometheus has others of these names: 'job="elasticache-updates"'.
    selector: '',

    // Fields that the dashboard is to have instead of its own: { uid: 'redis-updates', tags: ['redis'] }.
    dashboard: {},
  },
}
