use super::*;

fn of(path: &str, text: &str) -> FileKind {
    file_kind(path, text)
}

#[test]
fn actions_where_yaml_has_structure_make_a_template() {
    for text in [
        "{{- if .Values.enabled }}\nkind: Pod\n{{- end }}\n",
        "kind: Pod\nmetadata:\n  name: {{ include \"web.name\" . }}\n",
        "kind: Pod\nmetadata:\n  labels:\n    {{- toYaml .Values.labels | nindent 4 }}\n",
        "args: [{{ .Values.a }}, \"b\"]\n",
        "script: |\n  echo\nname: {{ .Release.Name }}\n",
        "name: \"a\nb\"\nkind: {{ .Values.kind }}\n",
    ] {
        assert_eq!(of("a.yaml", text), FileKind::HelmTemplate, "{text}");
    }
    assert_eq!(of("a.yaml", "kind: Pod\n{% if x %}\nspec: {}\n{% endif %}\n"), FileKind::Template);
    assert_eq!(of("a.yaml", "kind: Pod\nmetadata:\n  name: {{ name }}\n"), FileKind::Template);
    assert_eq!(of("templates/a.yaml", "kind: Pod\nmetadata:\n  name: {{ name }}\n"), FileKind::HelmTemplate);
    assert_eq!(
        of("templates/a.yaml", "kind: Pod\nmetadata:\n  name: \"{{ .Values.a }}\"\n"),
        FileKind::HelmTemplate
    );
    assert_eq!(of("a.yaml.j2", "kind: Pod\n"), FileKind::Template);
}

#[test]
fn actions_in_quotes_and_text_stay_yaml() {
    for text in [
        "summary: '{{ $value }} percent'\nargs: [\"{{inputs.parameters.a}}\", '{{b}}']\n",
        "data:\n  rules: |\n    {{ $labels.pod }}\n    name: {{ x }}\n  more: >-\n    {{ y }}\n",
        "steps:\n- name: a\n  script: |-\n    {% if x %}\n- b: 1\n",
        "path: /api/{{request.namespace}}\nname: pre-{{ .name }}\n",
        "message: one\n  {{ two }}\nnext: \"open\n  {{ three }}\"\n",
        "texts:\n- |\n  {{ a }}\n- >\n  {{ b }}\n",
        "# {{ comment }}\nkind: Pod # {{ more }}\n",
        "a: \"x \\\" {{ y }}\"\nb: 'it''s {{ z }}'\n",
    ] {
        assert_eq!(of("a.yaml", text), FileKind::Yaml, "{text}");
    }
    assert_eq!(
        of("a.json", "{\"apiVersion\": \"v1\", \"legend\": \"{{pod}}\",\n\"b\": [\"{{x}}\"]}"),
        FileKind::Yaml
    );
}

#[test]
fn files_of_other_programs_are_foreign() {
    for (path, text) in [
        (".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    runs-on: x\n"),
        ("docker-compose.prod.yml", "services:\n  web: {image: a}\n"),
        ("roles/web/tasks/main.yml", "---\n# tasks\n- name: install\n  apt: {name: x}\n"),
        ("api/spec.yaml", "openapi: 3.0.0\npaths: {}\n"),
        ("package.json", "{\n  \"name\": \"x\"\n}\n"),
        ("values.schema.json", "{\n  \"$schema\": \"x\",\n  \"properties\": {\"apiVersion\": {}}\n}\n"),
        (".golangci.yml", "linters: {}\n"),
    ] {
        assert_eq!(of(path, text), FileKind::Foreign, "{path}");
    }
    assert_eq!(of("compose.yaml", "apiVersion: v1\nkind: Pod\n"), FileKind::Yaml);
    assert_eq!(of(".hidden.yaml", "kind: Pod\napiVersion: v1\n"), FileKind::Yaml);
    assert_eq!(of("list.yaml", "- apiVersion: v1\n  kind: Pod\n"), FileKind::Yaml);
    assert_eq!(of("pod.json", "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}"), FileKind::Yaml);
}

#[test]
fn charts_and_kustomizations_are_known_by_name() {
    assert_eq!(of("web/Chart.yaml", "apiVersion: v2\nname: web\n"), FileKind::HelmChart);
    assert_eq!(of("base/kustomization.yaml", "resources: [a.yaml]\n"), FileKind::Kustomization);
    assert!(is_candidate("base/Kustomization") && !is_candidate("base/Makefile"));
    assert!(is_candidate("a/deploy.yaml.j2") && !is_candidate("a/index.html.j2"));
    assert_eq!(chart_part("web", "web/templates/a/b.yaml"), Some(FileKind::HelmTemplate));
    assert_eq!(chart_part("web", "web/values-prod.yaml"), Some(FileKind::HelmChart));
    assert_eq!(chart_part("web", "web/crds/a.yaml"), None);
    assert_eq!(chart_part("web", "website/templates/a.yaml"), None);
    assert_eq!(chart_part("", "templates/a.yaml"), Some(FileKind::HelmTemplate));
}
