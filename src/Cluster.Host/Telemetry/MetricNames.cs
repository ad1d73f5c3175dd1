using System.Collections.Frozen;

namespace Cluster.Host.Telemetry;

/// <summary>
/// Names on <c>/metrics</c>. What vLLM measures too carries vLLM's name, so that its dashboards and alerts work here; everything else begins with
/// <c>cluster_</c>.
/// </summary>
internal static class MetricNames
{
    private static readonly FrozenDictionary<string, string> SameAsVllm = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["cluster.engine.sequences.running"] = "vllm:num_requests_running",
        ["cluster.engine.sequences.waiting"] = "vllm:num_requests_waiting",
        ["cluster.engine.kv.usage"] = "vllm:kv_cache_usage_perc",
        ["cluster.engine.preemptions"] = "vllm:num_preemptions_total",
        ["cluster.engine.prompt.cached_tokens"] = "vllm:prefix_cache_hits_total",
        ["cluster.engine.prompt.queried_tokens"] = "vllm:prefix_cache_queries_total",
        ["cluster.engine.emitted.tokens"] = "vllm:generation_tokens_total",
        ["cluster.engine.sequence.queue"] = "vllm:request_queue_time_seconds",
        ["cluster.engine.sequence.prefill"] = "vllm:request_prefill_time_seconds",
        ["cluster.engine.sequence.decode"] = "vllm:request_decode_time_seconds",
        ["cluster.engine.sequence.inference"] = "vllm:request_inference_time_seconds",
        ["cluster.engine.step.tokens"] = "vllm:iteration_tokens_total",
        ["cluster.request.time_per_token"] = "vllm:request_time_per_output_token_seconds",
        ["cluster.request.longest_choice"] = "vllm:request_max_num_generation_tokens",
        ["cluster.request.choices"] = "vllm:request_params_n",
        ["cluster.request.tokens_max"] = "vllm:request_params_max_tokens",
        ["cluster.request.duration"] = "vllm:e2e_request_latency_seconds",
        ["cluster.request.first_token"] = "vllm:time_to_first_token_seconds",
        ["cluster.request.inter_token"] = "vllm:inter_token_latency_seconds",
        ["cluster.request.prompt_tokens"] = "vllm:request_prompt_tokens",
        ["cluster.request.generation_tokens"] = "vllm:request_generation_tokens",
        ["cluster.request.success"] = "vllm:request_success_total",
        ["cluster.prompt.tokens"] = "vllm:prompt_tokens_total",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="instrument">Dotted name.</param>
    /// <param name="unit">UCUM unit; seconds and bytes become a suffix.</param>
    /// <param name="type">Counters end with <c>_total</c>.</param>
    public static string Of(string instrument, string? unit, MetricType type)
    {
        if (SameAsVllm.TryGetValue(instrument, out string? name)) return name;
        name = instrument.Replace('.', '_').Replace('-', '_');
        string suffix = unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!name.EndsWith(suffix, StringComparison.Ordinal)) name += suffix;
        return type == MetricType.Counter ? $"{name}_total" : name;
    }

    /// <summary>Tags are labels of the same name, but for the model's, which vLLM calls <c>model_name</c>.</summary>
    public static string LabelOf(string tag) => tag == "model" ? "model_name" : tag.Replace('.', '_').Replace('-', '_');
}
