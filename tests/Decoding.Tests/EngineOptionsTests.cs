using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Cluster.Decoding.Tests.Support;
using Cluster.Testing;

namespace Cluster.Decoding.Tests;

public class EngineOptionsTests
{
    public static TheoryData<string> Bounded
        => [.. typeof(EngineOptions).GetProperties().Where(one => one.IsDefined(typeof(RangeAttribute))).Select(one => one.Name)];

    [Fact]
    public void Defaults_AreValid() => new Bench().Dispose();

    [Theory]
    [MemberData(nameof(Bounded))]
    public void Option_AtItsBounds_IsTaken_AndOnePast_IsRefusedByName(string name)
    {
        PropertyInfo property = typeof(EngineOptions).GetProperty(name)!;
        var range = property.GetCustomAttribute<RangeAttribute>()!;
        (object least, object most) = property.PropertyType == typeof(TimeSpan)
            ? (TimeSpan.Parse((string)range.Minimum), TimeSpan.Parse((string)range.Maximum))
            : (Convert.ChangeType(range.Minimum, property.PropertyType), Convert.ChangeType(range.Maximum, property.PropertyType));
        Assert.Null(Violation(property, least));
        Assert.Null(Violation(property, most));
        Assert.Contains(name, Violation(property, Past(least, -1)));
        Assert.Contains(name, Violation(property, Past(most, 1)));
    }

    [Fact]
    public void Violations_AreReportedTogether()
    {
        var options = new EngineOptions { WaitingMax = -1, StepTokensMax = 0 };
        var error = Assert.Throws<ArgumentException>(() => new Bench(options: options));
        Assert.Contains("WaitingMax", error.Message);
        Assert.Contains("StepTokensMax", error.Message);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    public void Tokenizer_WithAsManyTokensAsTheModelHasLogits_IsTaken_AndWithOneMore_IsRefused(int spare, bool isTaken)
    {
        var info = FakeModel.SmallInfo(new FakeTokenizer().Vocabulary.Size + spare);
        if (isTaken) new Bench(info: info).Dispose();
        else Assert.Throws<ArgumentException>(() => new Bench(info: info));
    }

    private static string? Violation(PropertyInfo property, object value)
    {
        var options = new EngineOptions();
        property.SetValue(options, value);
        var results = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), results, true) ? null : results[0].ErrorMessage;
    }

    private static object Past(object bound, int direction) => bound switch
    {
        int value => value + direction,
        long value => value + direction,
        TimeSpan value => value + TimeSpan.FromMilliseconds(direction),
        _ => throw new NotSupportedException(),
    };
}
