using Microsoft.AspNetCore.Builder;

namespace Cluster.OpenAI.Access;

/// <summary>Who may call an endpoint.</summary>
public enum EndpointAccess
{
    /// <summary>Anybody: liveness and readiness only.</summary>
    Public,

    /// <summary>Whoever has a key.</summary>
    Key,

    /// <summary>Whoever has an admin's key.</summary>
    Admin,

    /// <summary>Whoever has an admin's key, and everybody on the internal port (<c>Door:InternalPort</c>).</summary>
    Monitoring,
}

/// <summary>Metadata of an endpoint: the owner of its authorisation. An endpoint without it is for admins only.</summary>
public sealed record RequiredAccess(EndpointAccess Access);

public static class EndpointAccessConventions
{
    public static TBuilder WithAccess<TBuilder>(this TBuilder builder, EndpointAccess access)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequiredAccess(access));
}
