using System.Collections.Immutable;
using Cluster.Decoding;

namespace Cluster.Serving.Generation;

/// <summary>What a running request tells its caller, in order.</summary>
public abstract record GenerationEvent;

/// <summary>Something of one choice.</summary>
/// <param name="Choice">Index of the choice.</param>
public abstract record ChoiceEvent(int Choice) : GenerationEvent
{
    /// <summary>Tokens of the choice so far.</summary>
    public int Tokens { get; internal set; }

    /// <summary>Prompt tokens that came from a prefix cache when the choice first ran.</summary>
    public int CachedPromptTokens { get; internal set; }
}

/// <summary>Text of one choice: whole characters, never part of a stop string.</summary>
/// <param name="Choice">Index of the choice.</param>
/// <param name="Text">May be empty where only log-probabilities are told.</param>
/// <param name="Logprobs">Of the tokens that this text came from, where asked for.</param>
public sealed record TextGenerated(int Choice, string Text, ImmutableArray<TokenTextLogprob> Logprobs) : ChoiceEvent(Choice);

/// <summary>The model's thoughts before its answer: whole characters.</summary>
public sealed record ReasoningGenerated(int Choice, string Text) : ChoiceEvent(Choice);

/// <summary>A call begins; its input follows.</summary>
/// <param name="Choice">Index of the choice.</param>
/// <param name="Call">Number of the call within the choice.</param>
/// <param name="Id">Unique, and never changed.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="IsCustom">Whether the input is text instead of JSON.</param>
public sealed record ToolCallBegan(int Choice, int Call, string Id, string Name, bool IsCustom) : ChoiceEvent(Choice);

/// <summary>More of a call's input.</summary>
public sealed record ToolCallInput(int Choice, int Call, string Text, bool IsCustom) : ChoiceEvent(Choice);

/// <summary>A call's input is complete.</summary>
public sealed record ToolCallEnded(int Choice, int Call) : ChoiceEvent(Choice);

/// <summary>One choice ended.</summary>
/// <param name="Choice">Index of the choice.</param>
/// <param name="End">Why.</param>
/// <param name="Document">Whether a constrained document ended by itself or was closed early; null for free text.</param>
public sealed record ChoiceEnded(int Choice, ChoiceEnd End, DocumentEnd? Document) : ChoiceEvent(Choice)
{
    /// <summary>Of its tokens, those of the model's thoughts.</summary>
    public int ReasoningTokens { get; init; }

    /// <summary>Guesses from the request's prediction that the last replica checked, and those that held.</summary>
    public int PredictedTokens { get; init; }
    public int AcceptedPredictedTokens { get; init; }

    /// <summary>What its constraint did, over all replicas that ran it.</summary>
    public ConstraintWork Constraint { get; init; } = ConstraintWork.None;
}

/// <summary>The request failed; nothing follows.</summary>
public sealed record GenerationFailed(GenerationError Error) : GenerationEvent;

public enum ChoiceEnd
{
    /// <summary>End of sequence, a stop string, or a complete document.</summary>
    Stop,

    /// <summary>The token budget was spent.</summary>
    Length,

    /// <summary>The answer made calls, whose results it waits for.</summary>
    ToolCalls,
}

public enum DocumentEnd
{
    Complete,

    /// <summary>Complete and valid, but closed early because the budget was nearly spent.</summary>
    ForceClosed,
}

/// <summary>A token as callers see it.</summary>
/// <param name="Text">Its text; U+FFFD where it is part of a character.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Logprob">Natural logarithm, at least -9999.</param>
/// <param name="Top">Alternatives, the likeliest first.</param>
public sealed record TokenTextLogprob(string Text, ImmutableArray<byte> Bytes, float Logprob, ImmutableArray<TokenTextLogprob> Top);

public enum GenerationErrorKind
{
    /// <summary>No replica of the model can take the request now.</summary>
    Overloaded,

    /// <summary>No replica of the model is left.</summary>
    NoReplica,

    /// <summary>The model failed on this request, on every replica that tried.</summary>
    ModelFailed,

    /// <summary>A strict document did not validate: a breach of the grammar engine's promise.</summary>
    InvalidDocument,

    /// <summary>A bug.</summary>
    Internal,
}

/// <param name="Kind">Which failure.</param>
/// <param name="Message">One sentence, free of prompt and output.</param>
public sealed record GenerationError(GenerationErrorKind Kind, string Message);
