"""Source of an expression, laid out as a formatter would."""

import ast

WIDTH = 100


def laid_out(node: ast.expr, indent: int, start: int) -> str:
    """An expression's source, broken at the arguments of its calls where a line is too long.

    indent: columns of the statement. start: columns before the expression on its first line.
    """
    line = _quoted(ast.unparse(node))
    if start + len(line) < WIDTH:
        return line
    inner = indent + 4
    pad = " " * inner
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        only = node.args[0]
        if isinstance(only, (ast.List, ast.Dict)) or (isinstance(only, ast.Call) and only.args):
            function = ast.unparse(node.func)
            return f"{function}({laid_out(only, indent, start + len(function) + 1)})"
    if isinstance(node, ast.Call) and (node.args or node.keywords):
        parts = [laid_out(arg, inner, inner) for arg in node.args]
        parts += [f"{k.arg}={laid_out(k.value, inner, inner + len(str(k.arg)) + 1)}"
                  for k in node.keywords]  # fmt: skip
        opening = ast.unparse(node.func) + "("
        together = ", ".join(parts)
        if "\n" not in together and inner + len(together) <= WIDTH:
            return f"{opening}\n{pad}{together}\n{' ' * indent})"
        return _bracketed(opening, parts, ")", pad, indent)
    if isinstance(node, ast.List) and node.elts:
        parts = [laid_out(each, inner, inner) for each in node.elts]
        return _bracketed("[", parts, "]", pad, indent)
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        parts = [laid_out(each, inner, inner) for each in node.elts]
        return _bracketed("(", parts, ")", pad, indent)
    if isinstance(node, ast.Dict) and node.values:
        parts = [f"{laid_out(k, inner, inner) if k else '**'}: {laid_out(v, inner, inner)}"
                 for k, v in zip(node.keys, node.values)]  # fmt: skip
        return _bracketed("{", parts, "}", pad, indent)
    return line


def _bracketed(opening: str, parts: list[str], closing: str, pad: str, indent: int) -> str:
    body = "".join(f"{pad}{part},\n" for part in parts)
    return f"{opening}\n{body}{' ' * indent}{closing}"


def _quoted(source: str) -> str:
    """Texts in double quotes, as the rest of the code has them."""
    return source.replace("'", '"') if '"' not in source and "\\" not in source else source
