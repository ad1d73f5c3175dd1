using Cluster.Grammar.Automata;
using Cluster.Grammar.Schema;

namespace Cluster.Grammar.Structure;

/// <summary>
/// Reads a predicate for one kind of value: schemas become what they say about that kind. For scalars the result folds into one leaf
/// language, for objects and arrays it is the formula of residuals that a level starts with.
/// </summary>
internal sealed class Projector(Machine machine)
{
    private const int Kinds = 7;
    private readonly Func<Formula, Formula>?[] _expand = new Func<Formula, Formula>?[Kinds];
    private readonly Dictionary<(SchemaNode, DynamicScope), Formula> _predicates = [];
    private readonly Dictionary<PlainSchema, Formula> _plain = [];

    private FormulaStore Store => machine.Store;

    /// <summary>The predicate of a schema met in <paramref name="scope"/>; trivial schemas become constants at once.</summary>
    public Formula Predicate(SchemaNode node, DynamicScope scope)
    {
        if (node.IsFalse) return Store.False;
        if (_predicates.TryGetValue((node, scope), out Formula? known)) return known;
        return _predicates[(node, scope)] = Make(node, scope);
    }

    // Schemas that say the same are one predicate: branches that repeat a property then ask one question about it, and its values are looked at once.
    private Formula Make(SchemaNode node, DynamicScope scope)
    {
        if (IsOnlyReference(node))
        {
            FollowReferences(ref node, ref scope);
            return Predicate(node, scope);
        }
        scope = scope.Enter(node.Resource);
        if (!IsPlain(node)) return Store.Atom(new SchemaAtom(node, scope));
        if (IsTrivial(node)) return Store.True;
        (SchemaNode? item, DynamicScope around) = (node.Items?.Rest, scope);
        if (item is not null) FollowReferences(ref item, ref around);
        // Arrays in arrays may nest without end: they are told apart by where they stand.
        if (item is { Items: not null }) return Store.Atom(new SchemaAtom(node, scope));
        var said = new PlainSchema(node.Types, node.Strings, node.Numbers, item is null ? null : Predicate(item, around), node.MinItems, node.MaxItems, node.UniqueItems);
        if (!_plain.TryGetValue(said, out Formula? same)) _plain[said] = same = Store.Atom(new SchemaAtom(node, scope));
        return same;
    }

    // A chain of schemas that only refer to each other ends: one that comes back to itself is refused when it is read.
    private static void FollowReferences(ref SchemaNode node, ref DynamicScope scope)
    {
        for (; IsOnlyReference(node); node = node.Reference!) scope = scope.Enter(node.Resource);
    }

    /// <summary>What a schema says that has nothing but these.</summary>
    private readonly record struct PlainSchema(
        ValueTypes Types, StringLanguage? Strings, NumberLanguage? Numbers, Formula? Items, int MinItems, int? MaxItems, bool UniqueItems);

    /// <summary>What <paramref name="predicate"/> says about values of one kind.</summary>
    public Formula Project(Formula predicate, ValueKind kind)
    {
        if (predicate.Kind is FormulaKind.True or FormulaKind.False) return predicate;
        if (predicate.Projections?[(int)kind] is { } known) return known;
        machine.Spend();
        Formula result = predicate.Kind == FormulaKind.Atom ? Expand(predicate, kind) : Store.Rewrite(predicate, _expand[(int)kind] ??= atom => Project(atom, kind));
        (predicate.Projections ??= new Formula[Kinds])[(int)kind] = result;
        return result;
    }

    /// <summary>The strings that satisfy a predicate.</summary>
    public StringLanguage StringsOf(Formula predicate) => Strings(Project(predicate, ValueKind.String));

    /// <summary>The written strings of a language; none where even the shortest is too long for any document. Finding out whether there are any is the machine's work.</summary>
    public ByteDfa BodyOf(StringLanguage language, Spelling? spelling = null)
    {
        if (language.BytesMin > Cost.Max) language = StringLanguage.None;
        if (language.IsEmpty(machine.Fuel) == Answer.OutOfFuel) throw new FuelSpentException();
        return language.ToDfa(spelling ?? machine.Options.Spelling);
    }

    /// <summary>The numbers that satisfy a predicate.</summary>
    public NumberLanguage NumbersOf(Formula predicate) => Numbers(Project(predicate, ValueKind.Number));

    internal StringLanguage Strings(Formula formula)
    {
        if (formula.Strings is not null) return formula.Strings;
        machine.Spend();
        return formula.Strings = formula.Kind switch
        {
            FormulaKind.True => StringLanguage.All,
            FormulaKind.False => StringLanguage.None,
            FormulaKind.Atom => formula.Atom switch
            {
                StringAtom leaf => leaf.Language,
                KeyQuestion key => key.Language,
                _ => throw new InvalidOperationException("Not a predicate on strings."),
            },
            FormulaKind.Not => Strings(formula.Kids[0]).Not(),
            FormulaKind.And => AmongListed(formula.Kids) ?? formula.Kids.Select(Strings).Aggregate(static (x, y) => x.And(y)),
            FormulaKind.Or => formula.Kids.Select(Strings).Aggregate(static (x, y) => x.Or(y)),
            _ => ExactlyOne([.. formula.Kids.Select(Strings)], StringLanguage.None, StringLanguage.All,
                static (x, y) => x.And(y), static (x, y) => x.Or(y), static x => x.Not()),
        };
    }

    /// <summary>A conjunction in which some part lists its texts: those that satisfy the other parts, asked one by one. Null where none does.</summary>
    private static StringLanguage? AmongListed(Formula[] kids)
    {
        IReadOnlyList<string>? fewest = null;
        StringLanguage? language = null;
        foreach (Formula kid in kids)
        {
            if (kid.Atom is StringAtom leaf && leaf.Language.TryTexts(ListedMax, out IReadOnlyList<string> texts) && !(texts.Count >= fewest?.Count))
            {
                (fewest, language) = (texts, leaf.Language);
            }
        }
        if (fewest is null) return null;
        List<string> kept = [.. fewest.Where(text => Array.TrueForAll(kids, kid => Holds(kid, text)))];
        return kept.Count == fewest.Count ? language : kept.Count == 0 ? StringLanguage.None : StringLanguage.Literals(kept);
    }

    private const int ListedMax = 1024;

    /// <summary>Whether a string satisfies a projected predicate.</summary>
    private static bool Holds(Formula formula, string text) => formula.Kind switch
    {
        FormulaKind.True => true,
        FormulaKind.False => false,
        FormulaKind.Atom => formula.Atom is StringAtom leaf ? leaf.Language.Contains(text) : ((KeyQuestion)formula.Atom!).Language.Contains(text),
        FormulaKind.And => Array.TrueForAll(formula.Kids, kid => Holds(kid, text)),
        FormulaKind.Or => Array.Exists(formula.Kids, kid => Holds(kid, text)),
        FormulaKind.Not => !Holds(formula.Kids[0], text),
        _ => formula.Kids.Count(kid => Holds(kid, text)) == 1,
    };

    /// <summary>Folds a formula over key questions into the keys that it describes.</summary>
    public StringLanguage KeysOf(Formula formula) => Strings(formula);

    internal NumberLanguage Numbers(Formula formula)
    {
        if (formula.Numbers is not null) return formula.Numbers;
        machine.Spend();
        return formula.Numbers = formula.Kind switch
        {
            FormulaKind.True => NumberLanguage.All,
            FormulaKind.False => NumberLanguage.None,
            FormulaKind.Atom => ((NumberAtom)formula.Atom!).Language,
            FormulaKind.Not => Numbers(formula.Kids[0]).Not(),
            FormulaKind.And => formula.Kids.Select(Numbers).Aggregate((x, y) => OrRefuse(x.And(y))),
            FormulaKind.Or => formula.Kids.Select(Numbers).Aggregate((x, y) => OrRefuse(x.Or(y))),
            _ => ExactlyOne([.. formula.Kids.Select(Numbers)], NumberLanguage.None, NumberLanguage.All,
                (x, y) => OrRefuse(x.And(y)), (x, y) => OrRefuse(x.Or(y)), static x => x.Not()),
        };
    }

    /// <summary>A combination of numbers that depends on too many divisors counts as one that takes too much work.</summary>
    private NumberLanguage OrRefuse(NumberLanguage? language)
    {
        if (language is null) throw new FuelSpentException();
        machine.Spend(CutFuel * language.Size);
        return language;
    }

    private const long CutFuel = 4;

    /// <summary>Values in exactly one of several languages, kid by kid: none so far, one so far.</summary>
    private static T ExactlyOne<T>(T[] kids, T nothing, T all, Func<T, T, T> and, Func<T, T, T> or, Func<T, T> not)
    {
        T none = all, one = nothing;
        foreach (T kid in kids)
        {
            T other = not(kid);
            one = or(and(one, other), and(none, kid));
            none = and(none, other);
        }
        return one;
    }

    private static bool IsTrivial(SchemaNode node)
        => IsPlain(node) && SaysNothing(node);

    private static bool IsOnlyReference(SchemaNode node)
        => node.Reference is not null && SaysNothing(node) && IsBare(node);

    private static bool IsPlain(SchemaNode node)
        => node.Reference is null && node.Items is not { Prefix.Count: > 0 } && IsBare(node);

    private static bool SaysNothing(SchemaNode node)
        => node is { IsFalse: false, Types: ValueTypes.All, Strings: null, Numbers: null, Items: null, MinItems: 0, MaxItems: null, UniqueItems: false };

    private static bool IsBare(SchemaNode node)
        => node is
        {
            Consts.Length: 0, Members: null, Required.Length: 0, MinProperties: 0, MaxProperties: null, PropertyNames: null,
            DependentRequired.Length: 0, DependentSchemas.Length: 0, Contains: null, AllOf.Length: 0, HasAnyOf: false, HasOneOf: false, Not: null,
            If: null, DynamicReference: null, UnevaluatedItems: null, UnevaluatedProperties: null,
        };

    private Formula Expand(Formula atom, ValueKind kind)
    {
        if (atom.Atom is not SchemaAtom schema) return atom;
        machine.Spend();
        SchemaNode node = schema.Node;
        if ((node.Types & TypeOf(kind)) == 0) return Store.False;
        var kids = new List<Formula>();
        foreach (ConstSet set in node.Consts) kids.Add(OfConsts(set, kind, schema.Scope));
        switch (kind)
        {
            case ValueKind.String when node.Strings is not null: kids.Add(Store.Atom(new StringAtom(node.Strings))); break;
            case ValueKind.Number when node.Numbers is not null: kids.Add(Store.Atom(new NumberAtom(node.Numbers))); break;
            case ValueKind.Object: AddObject(node, schema.Scope, kids); break;
            case ValueKind.Array: AddArray(node, schema.Scope, kids); break;
        }
        Formula Of(SchemaNode inPlace) => Project(Predicate(inPlace, schema.Scope), kind);
        if (node.Reference is not null) kids.Add(Of(node.Reference));
        if (node.DynamicReference is { } dynamic)
        {
            kids.Add(Of(dynamic.Anchor is { } anchor && schema.Scope.Find(anchor) is { } outer ? outer : dynamic.Initial));
        }
        foreach (SchemaNode kid in node.AllOf) kids.Add(Of(kid));
        if (node.HasAnyOf) kids.Add(Store.Or(node.AnyOf.Select(Of)));
        if (node.HasOneOf) kids.Add(Store.ExactlyOne(node.OneOf.Select(Of)));
        if (node.Not is not null) kids.Add(Store.Not(Of(node.Not)));
        if (node.If is not null && (node.Then is not null || node.Else is not null))
        {
            Formula condition = Of(node.If);
            if (node.Then is not null) kids.Add(Store.Or(Store.Not(condition), Of(node.Then)));
            if (node.Else is not null) kids.Add(Store.Or(condition, Of(node.Else)));
        }
        if (kind == ValueKind.Object && node.UnevaluatedProperties is not null) kids.Add(new EvaluationReader(machine).Members(node, schema.Scope));
        if (kind == ValueKind.Array && node.UnevaluatedItems is not null) kids.Add(new EvaluationReader(machine).Items(node, schema.Scope));
        return Store.And(kids);
    }

    private void AddObject(SchemaNode node, DynamicScope scope, List<Formula> kids)
    {
        if (node.Members is not null) kids.Add(Store.Atom(new MembersAtom(node.Members, scope)));
        if (node.Required.Length > 0) kids.Add(Required(node.Required));
        if (node.MinProperties > 0) kids.Add(Store.Atom(new MinMembers(node.MinProperties)));
        if (node.MaxProperties is { } max) kids.Add(Store.Atom(new MaxMembers(max)));
        if (node.PropertyNames is not null)
        {
            StringLanguage keys = StringsOf(Predicate(node.PropertyNames, scope));
            kids.Add(Store.Atom(new KeysAtom(keys)));
        }
        foreach ((string key, string[] required) in node.DependentRequired)
        {
            kids.Add(Store.Or(Store.Not(Required([key])), Required(required)));
        }
        foreach ((string key, SchemaNode dependent) in node.DependentSchemas)
        {
            kids.Add(Store.Or(Store.Not(Required([key])), Project(Predicate(dependent, scope), ValueKind.Object)));
        }
    }

    private Formula Required(string[] keys)
        => keys.Length == 0 ? Store.True : Store.Atom(new HasAll(machine.Names.Set(keys.Select(machine.Names.IdOf))));

    private void AddArray(SchemaNode node, DynamicScope scope, List<Formula> kids)
    {
        if (node.Items is { } items && (items.Prefix.Count > 0 || items.Rest is not null)) kids.Add(Store.Atom(new ItemsAtom(items, scope, 0)));
        if (node.MinItems > 0) kids.Add(Store.Atom(new MinItems(node.MinItems)));
        if (node.MaxItems is { } max) kids.Add(Store.Atom(new MaxItems(max)));
        if (node.UniqueItems) kids.Add(Store.Atom(new UniqueAtom(machine.Names.Empty)));
        if (node.Contains is not null)
        {
            kids.Add(ContainsAtom.Make(machine, Predicate(node.Contains, scope), node.MinContains, node.MaxContains));
        }
    }

    private Formula OfConsts(ConstSet set, ValueKind kind, DynamicScope scope) => kind switch
    {
        ValueKind.Null => Store.Constant(set.Null),
        ValueKind.True => Store.Constant(set.True),
        ValueKind.False => Store.Constant(set.False),
        ValueKind.Number => set.Numbers is null ? Store.False : Store.Atom(new NumberAtom(set.Numbers)),
        ValueKind.String => set.Strings is null ? Store.False : Store.Atom(new StringAtom(set.Strings)),
        ValueKind.Array => Store.Or(set.Arrays.Select(x => Project(Predicate(x, scope), kind))),
        _ => Store.Or(set.Objects.Select(x => Project(Predicate(x, scope), kind))),
    };

    private static ValueTypes TypeOf(ValueKind kind) => kind switch
    {
        ValueKind.Null => ValueTypes.Null,
        ValueKind.True or ValueKind.False => ValueTypes.Boolean,
        ValueKind.Number => ValueTypes.Number,
        ValueKind.String => ValueTypes.String,
        ValueKind.Array => ValueTypes.Array,
        _ => ValueTypes.Object,
    };
}
