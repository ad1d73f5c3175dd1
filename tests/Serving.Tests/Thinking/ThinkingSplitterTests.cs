using Cluster.Serving.Thinking;

namespace Cluster.Serving.Tests.Thinking;

public class ThinkingSplitterTests
{
    private const string Template = "...<think>...</think>...";

    [Theory]
    [InlineData("", "<think>\nYes?\n\nNo.\n</think>\n\nHello ", "Yes?\n\nNo.", "Hello ")]
    [InlineData("", " Hello <think>no</think>", "", " Hello <think>no</think>")]
    [InlineData("", "<thin", "", "<thin")]
    [InlineData("", "", "", "")]
    [InlineData("", "<think></think>Hi", "", "Hi")]
    [InlineData("", "<think>never closed </thi", "never closed </thi", "")]
    [InlineData("<think>\n", "Yes.</think>Hello</think>", "Yes.", "Hello</think>")]
    [InlineData("<think>\n", "Hello", "Hello", "")]
    [InlineData("<think>\n\n</think>\n\n", "Hello", "", "Hello")]
    public void Push_AnyCut_TellsThoughtsAndAnswerApart(string promptEnd, string text, string thoughts, string answer)
    {
        ThinkingForm form = ThinkingForm.Of(Template, $"<user>Hi<assistant>{promptEnd}");
        for (int size = 1; size <= Math.Max(1, text.Length); size++)
        {
            (string thought, string answered) = form.Start == ThinkingStart.None ? ("", text) : Split(new ThinkingSplitter(form), text, size);
            Assert.Equal((thoughts, answer), (thought, answered));
        }
    }

    [Theory]
    [InlineData("{{ x }}", "<assistant><think>", ThinkingStart.None)]
    [InlineData(Template, "<assistant>", ThinkingStart.ByModel)]
    [InlineData(Template, "<assistant><think>\n", ThinkingStart.Open)]
    [InlineData(Template, "<assistant></think>", ThinkingStart.None)]
    [InlineData("[THINK] [/THINK]", "[/INST]", ThinkingStart.ByModel)]
    public void Form_ByTemplateAndPrompt(string template, string prompt, ThinkingStart expected) => Assert.Equal(expected, ThinkingForm.Of(template, prompt).Start);

    private static (string Thoughts, string Answer) Split(ThinkingSplitter splitter, string text, int size)
    {
        string thoughts = "", answer = "";
        for (int at = 0; at < text.Length; at += size) Add(splitter.Push(text[at..Math.Min(at + size, text.Length)]));
        Add(splitter.End());
        return (thoughts, answer);

        void Add((string Thoughts, string Answer) pair) => (thoughts, answer) = (thoughts + pair.Thoughts, answer + pair.Answer);
    }
}
