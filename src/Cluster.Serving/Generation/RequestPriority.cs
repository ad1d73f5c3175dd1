namespace Cluster.Serving.Generation;

/// <summary>Class of a request within the share of whoever sent it.</summary>
public enum RequestPriority { Low = -1, Normal, High }
