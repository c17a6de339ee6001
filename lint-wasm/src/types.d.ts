/** One file that is linted. */
export interface InputFile {
  /** Relative path, `/` separated. Its extension and folders tell what the file is. */
  path: string;
  text: string;
}

export type Severity = "error" | "warning" | "info";

/** The choices of a run; the words are those of the command line. */
export interface CheckOptions {
  profiles?: string[];
  select?: string[];
  extendSelect?: string[];
  ignore?: string[];
  kubernetesVersion?: string;
  /** Whether the files are everything; decided from what is there when left out. */
  closed?: boolean;
  /** Severity and options by rule id. */
  rules?: Record<string, { severity?: Severity; [option: string]: unknown }>;
}

/** Lines and columns count from 1, columns in Unicode code points; offsets are bytes of UTF-8. */
export interface Position {
  offset: number;
  line: number;
  column: number;
}

export interface Finding {
  rule: string;
  class: "correctness" | "security" | "availability" | "consistency" | "upgrade" | "hygiene";
  severity: Severity;
  message: string;
  help: string | null;
  url: string;
  path: string;
  start: Position;
  end: Position;
  document: number;
  object: { apiVersion: string; kind: string; namespace: string | null; name: string | null } | null;
  field: string | null;
  related: { path: string; start: Position; end: Position; message: string }[];
  fixes: {
    title: string;
    applicability: "safe" | "unsafe";
    edits: { start: number; end: number; text: string }[];
  }[];
  fingerprint: string;
  suppressed: string | null;
}

/** The report of `kubevet check --output-format json`. */
export interface Report {
  schema_version: 1;
  tool: { name: "kubevet"; version: string };
  findings: Finding[];
  summary: {
    files: number;
    documents: number;
    objects: number;
    components: number;
    errors: number;
    warnings: number;
    infos: number;
    fixable: number;
    suppressed: number;
    skipped: { reason: string; count: number }[];
    unvalidated: { apiVersion: string; kind: string; objects: number }[];
  };
}
