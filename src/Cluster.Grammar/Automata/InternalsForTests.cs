using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Grammar.Tests")]
