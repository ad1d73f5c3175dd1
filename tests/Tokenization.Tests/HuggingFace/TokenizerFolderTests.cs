using System.Text.Json;
using Cluster.Tokenization.HuggingFace;

namespace Cluster.Tokenization.Tests.HuggingFace;

public sealed class TokenizerFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;

    public TokenizerFolderTests() => Write("tokenizer.json", """
        {"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":[]},"decoder":{"type":"Fuse"},"added_tokens":[
        {"id":2,"content":"<s>","special":true,"normalized":false},{"id":3,"content":"</s>","special":true,"normalized":false},{"id":4,"content":"<|end|>","special":true,"normalized":false}]}
        """);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void LoadTokenizer_WithoutMore_HasNoEndTokens() => Assert.Empty(HuggingFaceTokenizer.Load(_folder).Vocabulary.EndIds);

    [Theory]
    [InlineData("tokenizer_config.json", """{"eos_token":"</s>"}""", new[] { 3 })]
    [InlineData("tokenizer_config.json", """{"eos_token":{"content":"<|end|>","special":true}}""", new[] { 4 })]
    [InlineData("special_tokens_map.json", """{"eos_token":"</s>"}""", new[] { 3 })]
    [InlineData("generation_config.json", """{"eos_token_id":[4,3]}""", new[] { 4, 3 })]
    [InlineData("generation_config.json", """{"eos_token_id":4}""", new[] { 4 })]
    [InlineData("config.json", """{"eos_token_id":3}""", new[] { 3 })]
    [InlineData("genai_config.json", """{"model":{"eos_token_id":[4],"vocab_size":16}}""", new[] { 4 })]
    public void LoadTokenizer_EndTokens_ComeFromAnyFile(string name, string json, int[] expected)
    {
        Write(name, json);
        Vocabulary vocabulary = HuggingFaceTokenizer.Load(_folder).Vocabulary;
        Assert.Equal(expected, vocabulary.EndIds);
        Assert.All(expected, id => Assert.True(vocabulary.IsSpecial(id)));
    }

    [Fact]
    public void LoadTokenizer_GenerationsEndTokens_ComeBeforeTheTokenizers()
    {
        Write("tokenizer_config.json", """{"eos_token":"</s>"}""");
        Write("generation_config.json", """{"eos_token_id":[4]}""");
        Assert.Equal([4, 3], HuggingFaceTokenizer.Load(_folder).Vocabulary.EndIds);
    }

    [Theory]
    [InlineData("config.json", """{"vocab_size":32}""")]
    [InlineData("config.json", """{"text_config":{"vocab_size":32}}""")]
    [InlineData("genai_config.json", """{"model":{"vocab_size":32}}""")]
    public void LoadTokenizer_RowsPastTheLastToken_SpellNothing(string name, string json)
    {
        Write(name, json);
        Vocabulary vocabulary = HuggingFaceTokenizer.Load(_folder).Vocabulary;
        Assert.Equal(32, vocabulary.Size);
        Assert.Equal(0, vocabulary.BytesOf(31).Length);
    }

    [Fact]
    public void LoadTokenizer_EndTokenOutsideOfTheVocabulary_IsMalformed()
    {
        Write("generation_config.json", """{"eos_token_id":99}""");
        Assert.Equal(TokenizerError.FileMalformed, Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder)).Error);
    }

    [Fact]
    public void LoadTokenizer_NoFile_IsMissing()
    {
        File.Delete(Path.Combine(_folder, "tokenizer.json"));
        Assert.Equal(TokenizerError.FileMissing, Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder)).Error);
    }

    [Theory]
    [InlineData("tokenizer.model")]
    [InlineData("qwen.tiktoken")]
    public void LoadTokenizer_OnlyAnotherFormat_NamesIt(string name)
    {
        File.Delete(Path.Combine(_folder, "tokenizer.json"));
        Write(name, "");
        Assert.Contains(name, Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder)).Message);
    }

    [Fact]
    public void LoadTokenizer_BrokenNeighbour_IsMalformedAndNamed()
    {
        Write("generation_config.json", "{");
        var error = Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder));
        Assert.Equal(TokenizerError.FileMalformed, error.Error);
        Assert.Contains("generation_config.json", error.Message);
    }

    [Fact]
    public void LoadTokenizer_FileAtTheLimit_IsRead_OneByteMoreIsNot()
    {
        int size = (int)new FileInfo(Path.Combine(_folder, "tokenizer.json")).Length;
        Assert.NotNull(HuggingFaceTokenizer.Load(_folder, new TokenizerOptions { FileBytesMax = size }));
        Assert.Throws<TokenizerException>(() => HuggingFaceTokenizer.Load(_folder, new TokenizerOptions { FileBytesMax = size - 1 }));
    }

    [Fact]
    public void LoadChatTemplate_FromConfig_KnowsTheSpecialTokens()
    {
        Write("tokenizer_config.json", """{"bos_token":"<s>","eos_token":{"content":"</s>"},"chat_template":"{{ bos_token }}{{ messages[0].content }}{{ eos_token }}"}""");
        Assert.Equal("<s>Hi</s>", Render());
    }

    [Fact]
    public void LoadChatTemplate_OwnFile_WinsOverConfig()
    {
        Write("tokenizer_config.json", """{"chat_template":"config"}""");
        Write("chat_template.jinja", "file {{ messages[0].content }}");
        Assert.Equal("file Hi", Render());
    }

    [Fact]
    public void LoadChatTemplate_Named_IsChosen()
    {
        Write("tokenizer_config.json", """{"chat_template":[{"name":"default","template":"plain"},{"name":"tool_use","template":"tools"}]}""");
        Assert.Equal("plain", Render());
        Assert.Equal("tools", new TokenizerFolder(_folder).LoadChatTemplate(TimeProvider.System, "tool_use")!.Render(JsonElement.Parse("[]")));
    }

    [Fact]
    public void LoadChatTemplate_Instead_WinsOverTheFoldersOwn_AndKnowsItsTokens()
    {
        Write("tokenizer_config.json", """{"bos_token":"<s>","chat_template":"config"}""");
        Write("chat_template.jinja", "file");
        string other = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "elsewhere")).FullName, "mine.jinja");
        File.WriteAllText(other, "{{ bos_token }}{{ messages[0].content }}");
        var folder = new TokenizerFolder(_folder);
        Assert.Equal("<s>Hi", folder.LoadChatTemplate(TimeProvider.System, instead: other)!.Render(JsonElement.Parse("""[{"role":"user","content":"Hi"}]""")));
        Assert.Equal(TokenizerError.FileMissing, Assert.Throws<TokenizerException>(() => folder.LoadChatTemplate(TimeProvider.System, instead: other + ".not")).Error);
    }

    [Fact]
    public void LoadChatTemplate_None_IsNull() => Assert.Null(new TokenizerFolder(_folder).LoadChatTemplate(TimeProvider.System));

    private string Render() => new TokenizerFolder(_folder).LoadChatTemplate(TimeProvider.System)!.Render(JsonElement.Parse("""[{"role":"user","content":"Hi"}]"""));

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);
}
