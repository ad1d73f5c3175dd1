using Cluster.Dashboard.Actions;

namespace Cluster.Dashboard.Pages;

/// <summary>Asks before something is done.</summary>
internal static class ActionPage
{
    public static string Render(AdminAction action, string target, string token, string problem) => $"""
        {(problem.Length > 0 ? $"<p role=\"alert\" class=\"problem\">{Html.Text(problem)}</p>" : "")}
        <p>{Html.Text(action.Consequence)}</p>
        <form method="post" action="/admin/actions/{action.Name}" class="confirm">
        <input type="hidden" name="target" value="{Html.Text(target)}">
        <input type="hidden" name="token" value="{token}">
        {(action.AsksNumber ? "<label>Replicas <input name=\"replicas\" type=\"number\" min=\"0\" step=\"1\" required></label>" : "")}
        <div class="row"><button type="submit">{Html.Text(action.Title)} {Html.Text(target)}</button> <a href="/admin/replicas">Cancel</a></div>
        </form>
        """;

    /// <summary>Links to the pages that ask; <paramref name="about"/> tells screen readers which row they belong to.</summary>
    public static string Links(string about, params IReadOnlyList<string> actions) => string.Join(' ', actions.Select(name => AdminAction.Find(name)!)
        .Select(action => $"<a class=\"action\" href=\"{Html.Text(action.PathOf(about))}\" aria-label=\"{Html.Text($"{action.Title} {about}")}\">{action.Title}</a>"));
}
