"""What the words of the data model are called on a page."""

from harness.report.messages import Catalogue


def states(say: Catalogue) -> dict[str, str]:
    """State of a test -> what it is called."""
    return {
        "failed": say("failed"),
        "error": say("error"),
        "blocked": say("blocked"),
        "partly": say("not judged in full"),
        "xpassed": say("passes unexpectedly"),
        "xfailed": say("known to differ"),
        "skipped": say("skipped"),
        "passed": say("passed"),
    }


def statuses(say: Catalogue) -> dict[str, str]:
    """Status of an entry -> what it is called."""
    return {
        "agrees": say("agrees"),
        "diverges": say("diverges"),
        "uninformative": say("uninformative"),
        "inconclusive": say("inconclusive"),
        "latent": say("latent"),
        "profiled": say("explained by the device profile"),
        "known": say("known"),
        "not judged": say("not judged"),
    }


def kinds(say: Catalogue) -> dict[str, str]:
    """Kind of a pair -> the heading of its section; "" stands for tests that have no pair."""
    return {
        "layers": say("Layers"),
        "functions": say("Functions"),
        "blocks": say("Blocks"),
        "networks": say("Networks"),
        "losses": say("Losses"),
        "optimizers": say("Optimizers"),
        "schedules": say("Learning rate schedules"),
        "initializers": say("Initializers"),
        "pipelines": say("Data pipelines"),
        "recipes": say("Training recipes"),
        "": say("Other tests"),
    }


def facts(say: Catalogue) -> dict[str, str]:
    """Name of a version or of a fact about the machine -> what it is called."""
    return {
        "harness": say("harness"),
        "python": "Python",
        "system": say("system"),
        "processor": say("processor"),
        "cores": say("cores"),
    }


def curves(say: Catalogue) -> dict[str, str]:
    """Name of a curve -> what it is called."""
    return {
        "loss": say("loss"),
        "distance of the parameters": say("distance of the parameters"),
    }


def view(say: Catalogue) -> dict[str, str]:
    """What the page's scripts say, by the names they have there. Placeholders are filled there."""
    return {
        "allChecks": say("all checks"),
        "aside": say("does not decide"),
        "backward": say("backward"),
        "badge_alone": say("wrong alone"),
        "badge_construct": say("its own construct is wrong"),
        "badge_latent": say("latent"),
        "badge_torch_only": say("torch only"),
        "check": say("check"),
        "closeAll": say("close all"),
        "culprits": say("Modules that are wrong alone, fed torch's own input"),
        "curves": say("Training trajectories"),
        "depth": say("e and r along the depth of the network, {way}", way="{way}"),
        "depthHelp": say(
            "One column a module, in the order of definition, its worst entry. Arrow keys step "
            "along them."
        ),
        "e": say("e: error of MindSpore"),
        "entries": say("Entries of {module}", module="{module}"),
        "entry": say("entry"),
        "envelope": say("torch and its twins, one ulp apart"),
        "facts": say("settings that differ, source"),
        "failures": say("What fails"),
        "filterModules": say("filter modules"),
        "filterParameters": say("filter parameters"),
        "forward": say("forward"),
        "fullPage": say("the whole report of {check}", check="{check}"),
        "histogram": say("Distribution of e/r over {n} entries", n="{n}"),
        "identical": say("bits equal"),
        "index": say("index"),
        "kind": say("kind"),
        "latentText": say("wrong alone, but this network's own structure masks it"),
        "layout": say("layout"),
        "legendHelp": say("Cells show the worst e/r of a module and of all inside it."),
        "limit": say("limit"),
        "mode": say("mode"),
        "module": say("module"),
        "more": say("show more, {n} left", n="{n}"),
        "nothing": say("Nothing was compared entry by entry here."),
        "note": say("note"),
        "notes": say("Remarks"),
        "openAll": say("open all"),
        "outside": say("outside the limit"),
        "parameters": say("Parameter map"),
        "parametersShort": say("parameters"),
        "parameterCount": say(
            "{n} parameters and buffers: {renamed} renamed, {moved} in another layout, {lone} on "
            "one side only.",
            n="{n}",
            renamed="{renamed}",
            moved="{moved}",
            lone="{lone}",
        ),
        "r": say("r: torch's own float32 error"),
        "ratio": say("e/r"),
        "replay": say("replay"),
        "root": say("(the whole)"),
        "setting": say("setting"),
        "settings": say("Settings that differ"),
        "shape": say("shape"),
        "share": say("outside"),
        "starts": say("starts here"),
        "status": say("status"),
        "step": say("step"),
        "trace": say("Where the whole network starts to differ, {check}", check="{check}"),
        "traceHelp": say(
            "One column a module call, in the order in which they were computed. Arrow keys step "
            "along them."
        ),
        "tree": say("Modules"),
        "treeHelp": say(
            "Arrow keys walk the tree, Enter lists a module's entries, {n} modules.", n="{n}"
        ),
        "type": say("type"),
        "update": say("update"),
        "worst": say("Entries, the worst first, each with its worst element"),
        "wrong": say("outside its limit"),
    }
