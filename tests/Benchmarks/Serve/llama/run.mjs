// Serves batches of requests with llama.cpp in this process. One JSON job per input line, one JSON result per output line:
// {gguf, threads, concurrency, contextSize, prompts: [[id, …]], tokensMax, temperature, topK, grammar?, wantsTexts?} -> {tokens, seconds, texts?}
import {createInterface} from "node:readline";
import {getLlama, LlamaGrammar, LlamaGrammarEvaluationState, LlamaLogLevel} from "node-llama-cpp";

let llama, loaded;

async function load(job) {
    llama ??= await getLlama({gpu: false, build: "never", maxThreads: job.threads, logLevel: LlamaLogLevel.error});
    const key = `${job.gguf} ${job.concurrency} ${job.contextSize}`;
    if (loaded?.key === key) return loaded;
    if (loaded) await loaded.model.dispose();
    const model = await llama.loadModel({modelPath: job.gguf, gpuLayers: 0});
    const context = await model.createContext({
        sequences: job.concurrency, contextSize: job.contextSize, batchSize: 512, threads: {ideal: job.threads, min: job.threads}
    });
    const sequences = Array.from({length: job.concurrency}, () => context.getSequence());
    return loaded = {key, model, sequences};
}

async function serve(job) {
    const {model, sequences} = await load(job);
    const grammar = job.grammar ? new LlamaGrammar(llama, {grammar: job.grammar}) : null;
    let next = 0, tokens = 0;
    const texts = [];
    async function work(sequence) {
        while (next < job.prompts.length) {
            const number = next++;
            await sequence.clearHistory();
            const options = {temperature: job.temperature, topK: job.topK, topP: 1, minP: 0, seed: number, repeatPenalty: false};
            if (grammar) options.grammarEvaluationState = new LlamaGrammarEvaluationState({model, grammar});
            const output = [];
            for await (const token of sequence.evaluate(job.prompts[number], options)) {
                output.push(token);
                if (output.length >= job.tokensMax) break;
            }
            tokens += output.length;
            texts[number] = model.detokenize(output);
        }
    }
    const started = performance.now();
    await Promise.all(sequences.map(work));
    return {tokens, seconds: (performance.now() - started) / 1000, texts: job.wantsTexts ? texts : undefined};
}

for await (const line of createInterface({input: process.stdin})) {
    if (!line.trim()) continue;
    try {
        console.log(JSON.stringify(await serve(JSON.parse(line))));
    } catch (error) {
        console.log(JSON.stringify({error: `${error.message ?? error}`}));
    }
}
process.exit(0);
