using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("OpenAI.Tests")]
