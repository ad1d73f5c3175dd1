namespace Cluster.Tokenization.Templates.Running;

/// <summary>What a statement asks of the loop around it.</summary>
internal enum LoopSignal { None, Break, Continue }
