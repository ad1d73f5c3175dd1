using System.Text;
using System.Text.Json;

namespace Cluster.Grammar.Tags;

/// <summary>
/// Reads the JSON of a structural tag into segments, backwards: each part is built with what follows it. Two forms: <c>structures</c> with
/// <c>triggers</c>, and <c>format</c> with nested parts.
/// </summary>
internal sealed class TagReader(Func<GrammarKind, string, string, CompiledGrammar> compile)
{
    /// <summary>Bytes of one fixed text.</summary>
    public const int LiteralBytesMax = 4_096;

    /// <summary>Tags, triggers or parts in one list.</summary>
    public const int ItemsMax = 1_024;

    /// <summary>Nesting of parts.</summary>
    public const int DepthMax = 32;

    private readonly List<TagSegment> _segments = [];
    private readonly Dictionary<string, int> _numbers = [];

    public TagProgram Read(JsonElement root)
    {
        var source = new TagSource(root, "");
        TagSegment done = Add(new TagSegment(_segments.Count, SegmentKind.Done, SegmentRole.Plain, -1));
        TagEntry[] end = [new TagEntry(done, 0)];
        if (source.Has("type") && source.Text("type") != "structural_tag") throw source.Malformed("type", "'type' must be 'structural_tag'");
        TagEntry[] start;
        if (root.TryGetProperty("format", out JsonElement format)) Number(format, "/format", 0);
        if (source.Has("structures"))
        {
            List<Tag> tags = [.. source.Items("structures", ItemsMax).Select(x => ReadStructure(new TagSource(x.Value, x.Pointer)))];
            start = Triggered(source, tags, end);
        }
        else
        {
            start = ReadPart(source.Object("format"), end, 0);
        }
        source.RefuseUnread();
        return new TagProgram([.. _segments], start);
    }

    /// <summary>Numbers the tags in reading order; parts are built backwards.</summary>
    private void Number(JsonElement part, string pointer, int depth)
    {
        if (depth > DepthMax || part.ValueKind != JsonValueKind.Object) return;
        if (part.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("tag")) _numbers.TryAdd(pointer, _numbers.Count);
        foreach (string list in (ReadOnlySpan<string>)["tags", "elements"])
        {
            if (!part.TryGetProperty(list, out JsonElement items) || items.ValueKind != JsonValueKind.Array) continue;
            int index = 0;
            foreach (JsonElement item in items.EnumerateArray())
            {
                string at = $"{pointer}/{list}/{index++}";
                if (list == "tags") _numbers.TryAdd(at, _numbers.Count);
                else Number(item, at, depth + 1);
            }
        }
    }

    /// <param name="Number">Its place in reading order.</param>
    /// <param name="Begin">Its begin string.</param>
    /// <param name="Ends">Its end strings; one of them closes it.</param>
    /// <param name="Content">Builds the content, given what follows.</param>
    /// <param name="Source">Where it stands.</param>
    private sealed record Tag(int Number, byte[] Begin, byte[][] Ends, Func<TagEntry[], int, TagEntry[]> Content, TagSource Source);

    private Tag ReadStructure(TagSource source)
    {
        byte[] begin = source.Bytes("begin");
        byte[] end = source.Bytes("end", isRequired: false);
        CompiledGrammar schema = compile(GrammarKind.JsonSchema, source.Required("schema").GetRawText(), source.PointerOf("schema"));
        source.RefuseUnread();
        return Checked(new Tag(NumberOf(source), begin, [end], (next, tag) => Content(schema, next, tag), source));
    }

    private int NumberOf(TagSource source)
    {
        _numbers.TryAdd(source.Pointer, _numbers.Count);
        return _numbers[source.Pointer];
    }

    private Tag ReadTag(TagSource source, int depth)
    {
        if (source.Has("type") && source.Text("type") != "tag") throw source.Malformed("type", "'type' must be 'tag'");
        byte[] begin = source.Bytes("begin");
        byte[] end = source.Bytes("end", isRequired: false);
        TagSource content = source.Object("content");
        source.RefuseUnread();
        return Checked(new Tag(NumberOf(source), begin, [end], (next, tag) => ReadPart(content, next, depth + 1, tag), source));
    }

    private static Tag Checked(Tag tag)
        => tag.Begin.Length > 0 ? tag : throw tag.Source.Malformed("begin", "'begin' is empty: nothing would tell the tag from what stands around it");

    private TagEntry[] ReadPart(TagSource source, TagEntry[] next, int depth, int tag = -1)
    {
        if (depth > DepthMax) throw source.TooLarge("type", $"parts are nested more than {DepthMax} deep");
        TagEntry[] start;
        string type = source.Text("type");
        switch (type)
        {
            case "const_string":
                start = Literal(source.Bytes("value"), next, tag >= 0 ? SegmentRole.Content : SegmentRole.Plain, tag);
                break;
            case "json_schema":
                start = Content(compile(GrammarKind.JsonSchema, source.Required("json_schema").GetRawText(), source.PointerOf("json_schema")), next, tag);
                break;
            case "json_object":
                start = Content(compile(GrammarKind.JsonObject, "", source.Pointer), next, tag);
                break;
            case "regex":
                start = Content(compile(GrammarKind.Regex, source.Text("pattern"), source.PointerOf("pattern")), next, tag);
                break;
            case "choice":
                start = Content(compile(GrammarKind.Choice, source.Required("choices").GetRawText(), source.PointerOf("choices")), next, tag);
                break;
            case "grammar":
                start = Content(compile(GrammarKind.Lark, source.Text("grammar"), source.PointerOf("grammar")), next, tag);
                break;
            case "any_text":
                if (tag >= 0 && next.Any(static x => x.Segment.Text.Length == 0))
                {
                    throw source.Malformed("type", "free text as the content of a tag needs an 'end' that is not empty");
                }
                start = FreeText(source, [], next, tag);
                break;
            case "tag" when tag < 0:
                start = BuildTag(ReadTag(source, depth), next);
                break;
            case "sequence" when tag < 0:
                start = next;
                foreach ((JsonElement value, string pointer) in source.Items("elements", ItemsMax).Reverse()) start = ReadPart(new TagSource(value, pointer), start, depth + 1);
                break;
            case "or" when tag < 0:
                start = [.. source.Items("elements", ItemsMax).SelectMany(x => ReadPart(new TagSource(x.Value, x.Pointer), next, depth + 1))];
                break;
            case "triggered_tags" when tag < 0:
                start = Triggered(source, ReadTags(source, depth), next);
                break;
            case "tags_with_separator" when tag < 0:
                start = Separated(source, ReadTags(source, depth), next);
                break;
            default:
                throw new TagRefusalException(SchemaRejectionKind.UnsupportedKeyword, source.PointerOf("type"), "type",
                    $"The structural tag: a part of type '{type}' is not supported {(tag < 0 ? "" : "as the content of a tag")}.".Replace(" .", ".", StringComparison.Ordinal));
        }
        source.RefuseUnread();
        return start;
    }

    private List<Tag> ReadTags(TagSource source, int depth)
        => [.. source.Items("tags", ItemsMax).Select(x => ReadTag(new TagSource(x.Value, x.Pointer), depth))];

    /// <summary>Free text with tags in it: text up to a trigger, then the rest of a tag that begins with it, then text again.</summary>
    private TagEntry[] Triggered(TagSource source, List<Tag> tags, TagEntry[] next)
    {
        byte[][] triggers = [.. source.Items("triggers", ItemsMax).Select(x => x.Value.ValueKind == JsonValueKind.String && x.Value.GetString() is { Length: > 0 } text
            ? Encoding.UTF8.GetBytes(text) : throw source.Malformed("triggers", "a trigger must be a string that is not empty"))];
        bool isRequired = source.Flag("at_least_one"), isSingle = source.Flag("stop_after_first");
        foreach (byte[] trigger in triggers)
        {
            if (trigger.Length > LiteralBytesMax) throw source.TooLarge("triggers", $"a trigger has more than {LiteralBytesMax} bytes");
            if (Array.Exists(triggers, x => trigger.AsSpan().IndexOf(x) > 0))
            {
                throw source.Malformed("triggers", $"the trigger '{Encoding.UTF8.GetString(trigger)}' can never be read whole, because another one stands inside it");
            }
        }
        foreach (Tag tag in tags)
        {
            if (!Array.Exists(triggers, x => tag.Begin.AsSpan().StartsWith(x))) throw tag.Source.Malformed("begin", "'begin' starts with none of the triggers");
        }
        TagSegment later = Text(-1, SegmentRole.Plain);
        TagEntry[] afterTag = isSingle ? next : [new TagEntry(later, 0)];
        List<TagEntry> begins = [.. tags.SelectMany(x => BuildTag(x, afterTag))];
        TagEntry[][] targets = [.. triggers.Select(x => begins.Where(y => y.Segment.Text.AsSpan().StartsWith(x)).Select(y => new TagEntry(y.Segment, x.Length)).ToArray())];
        Set(later, triggers, targets, next, source);
        if (!isRequired && !isSingle) return [new TagEntry(later, 0)];
        TagSegment first = Text(-1, SegmentRole.Plain);
        Set(first, triggers, targets, isRequired ? [] : next, source);
        return [new TagEntry(first, 0)];
    }

    /// <summary>Tags one after another, without text around them.</summary>
    private TagEntry[] Separated(TagSource source, List<Tag> tags, TagEntry[] next)
    {
        byte[] separator = source.Bytes("separator", isRequired: false);
        bool isRequired = source.Flag("at_least_one"), isSingle = source.Flag("stop_after_first");
        TagSegment between = Add(new TagSegment(_segments.Count, SegmentKind.Literal, SegmentRole.Plain, -1) { Text = separator });
        TagEntry[] afterTag = isSingle ? next : [new TagEntry(between, 0), .. next];
        TagEntry[] begins = [.. tags.SelectMany(x => BuildTag(x, afterTag))];
        between.Next = begins;
        return isRequired ? begins : [.. begins, .. next];
    }

    private TagEntry[] BuildTag(Tag tag, TagEntry[] next)
    {
        TagEntry[] ends = [.. tag.Ends.SelectMany(x => Literal(x, next, SegmentRole.End, tag.Number))];
        return Literal(tag.Begin, tag.Content(ends, tag.Number), SegmentRole.Begin, tag.Number);
    }

    private TagEntry[] Literal(byte[] text, TagEntry[] next, SegmentRole role, int tag)
        => [new TagEntry(Add(new TagSegment(_segments.Count, SegmentKind.Literal, role, tag) { Text = text, Next = next }), 0)];

    private TagEntry[] Content(CompiledGrammar grammar, TagEntry[] next, int tag)
        => [new TagEntry(Add(new TagSegment(_segments.Count, SegmentKind.Content, tag >= 0 ? SegmentRole.Content : SegmentRole.Plain, tag) { Content = grammar, Next = next }), 0)];

    private TagEntry[] FreeText(TagSource source, byte[][] triggers, TagEntry[] next, int tag)
    {
        TagSegment text = Text(tag, tag >= 0 ? SegmentRole.Content : SegmentRole.Plain);
        Set(text, triggers, [], next, source);
        return [new TagEntry(text, 0)];
    }

    private TagSegment Text(int tag, SegmentRole role) => Add(new TagSegment(_segments.Count, SegmentKind.Text, role, tag));

    /// <summary>Free text also ends at the first place where a fixed text that follows it is read.</summary>
    private static void Set(TagSegment text, byte[][] triggers, TagEntry[][] targets, TagEntry[] next, TagSource source)
    {
        List<byte[]> all = [.. triggers];
        List<TagEntry[]> leads = [.. targets];
        foreach (TagEntry entry in Flat(next))
        {
            if (entry.Segment.Kind == SegmentKind.Done)
            {
                text.IsFinal = true;
            }
            else if (entry.Segment.Kind == SegmentKind.Literal)
            {
                all.Add(entry.Segment.Text);
                leads.Add([new TagEntry(entry.Segment, entry.Segment.Text.Length)]);
            }
            else
            {
                throw new TagRefusalException(SchemaRejectionKind.UnsupportedKeyword, source.PointerOf("type"), "type",
                    "The structural tag: free text must be followed by a fixed text, by a tag or by the end.");
            }
        }
        (text.Triggers, text.Targets) = (new TriggerDfa([.. all]), [.. leads]);
    }

    /// <summary>Empty literals are passed over: an empty end string says nothing about where the text ends.</summary>
    private static IEnumerable<TagEntry> Flat(TagEntry[] entries)
        => entries.SelectMany(x => x.Segment is { Kind: SegmentKind.Literal, Text.Length: 0 } empty ? Flat(empty.Next) : [x]);

    private TagSegment Add(TagSegment segment)
    {
        _segments.Add(segment);
        return segment;
    }
}
