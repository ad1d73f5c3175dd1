namespace Cluster.Serving;

/// <summary>Tells whether a file was changed, replaced, or is another one now behind a link. A value; equal stamps mean the same content.</summary>
/// <remarks>
/// Links are followed: in a mounted ConfigMap or Secret the names are links that never change, and the directory that they lead through is exchanged.
/// </remarks>
public readonly record struct FileStamp(long WrittenAt, long Bytes)
{
    /// <summary>The stamp of what the path leads to; of nothing where it leads nowhere.</summary>
    public static FileStamp Of(string path)
    {
        try
        {
            FileSystemInfo file = File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
            return file is FileInfo { Exists: true } found ? new FileStamp(found.LastWriteTimeUtc.Ticks, found.Length) : default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default; // It is being exchanged, the links lead in a circle, or somebody closed the folder.
        }
    }
}
