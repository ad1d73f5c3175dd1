// Whether objects are what the Kubernetes API (and the operators') would take: values by the models' validators,
// unknown fields by compiling the objects as literals against the models' types.
import path from 'node:path';
import ts from 'typescript';

const packages = [[/^keda\.sh\//, '@kubernetes-models/keda'], [/^monitoring\.coreos\.com\//, '@kubernetes-models/prometheus-operator'],
  [/^gateway\.networking\.k8s\.io\//, '@kubernetes-models/gateway-api'], [/^cert-manager\.io\//, '@kubernetes-models/cert-manager'], [/./, 'kubernetes-models']];

const moduleOf = ({ apiVersion, kind }) => `${packages.find(([pattern]) => pattern.test(apiVersion))[1]}/${apiVersion}/${kind}`;

/** The faults of values (types, patterns, required fields) in one object. */
export async function faultsOf(object) {
  try {
    const { [object.kind]: Model } = await import(moduleOf(object));
    new Model(object).validate();
    return [];
  } catch (error) {
    return [error.message];
  }
}

/** Faults of types and unknown fields, of many objects at once: compiling the types takes seconds. */
export function unknownFieldsOf(objects) {
  const folder = path.resolve(import.meta.dirname, '..');
  const file = path.join(folder, 'objects.ts');
  const text = objects.map((object, index) =>
    `import type { I${object.kind} as T${index} } from ${JSON.stringify(moduleOf(object))};\nexport const object${index}: T${index} = ${JSON.stringify(object, null, 1)};`).join('\n');
  const options = { noEmit: true, strict: true, skipLibCheck: true, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ESNext, types: [] };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  host.getSourceFile = (name, ...rest) => (name === file ? ts.createSourceFile(file, text, rest[0], true) : getSourceFile(name, ...rest));
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host));
  return diagnostics.map((one) => {
    const line = one.file ? one.file.text.split('\n')[one.file.getLineAndCharacterOfPosition(one.start).line].trim() : '';
    return `${line}: ${ts.flattenDiagnosticMessageText(one.messageText, ' ')}`;
  });
}
