/** How a file of each kind that was written before begins: nothing else is overwritten. */
export const FORMATS = {
  html: /^<!doctype html>\n<html lang="en"><head>[\s\S]{0,600}<meta name="generator" content="runbook /,
  json: /^\{\n {2}"kind": "runbook report",\n/,
  xml: /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<!-- runbook report /,
  md: /^## runbook: /,
} as const;

export type ReportFormat = keyof typeof FORMATS;
