#!/usr/bin/env python3
"""What only the objects show. usage: objects.py circles FOLDER; objects.py unused FOLDER ALLOW

FOLDER holds an object for each unit, named like it with + for /. Prints file:line: reason; exit 1 on any.
circles: units of one program that refer to each other in a circle.
unused:  functions and data that no other unit refers to, unless ALLOW names them (name # reason).
"""
import os, re, subprocess, sys
from collections import deque


def read_symbols(folder):
    """unit -> (defined, wanted), names of external symbols"""
    units = {}
    names = sorted(f for f in os.listdir(folder) if f.endswith('.o'))
    out = subprocess.run(['nm', '-A', '-g', *names], cwd=folder, capture_output=True, text=True).stdout
    for line in out.splitlines():
        name, rest = line.split(':', 1)
        kind, symbol = rest.split()[-2:]
        defined, wanted = units.setdefault(name[:-2].replace('+', '/'), (set(), set()))
        (wanted if kind in 'Uw' else defined).add(symbol)
    return units


def line_of(unit, symbol):
    with open(unit, encoding='utf-8') as f:
        for n, text in enumerate(f, 1):
            if re.search(rf'\b{symbol}\b', text):
                return n
    return 1


def graph_of(units, home, homes, roots):
    """unit -> {unit it refers to: symbol}, of what the linker takes from `roots` on"""
    def rank(unit):
        inside = [h for h in homes if unit.startswith(h + '/')]
        owner = max(inside, key=len, default='')
        if owner == home:
            return 0
        return 1 if not owner else 2 if home.startswith(owner + '/') else None

    owner = {}
    for unit, (defined, _) in units.items():
        if rank(unit) is not None:
            for symbol in defined:
                if symbol not in owner or rank(unit) < rank(owner[symbol]):
                    owner[symbol] = unit
    graph, todo = {}, list(roots)
    while todo:
        unit = todo.pop()
        if unit in graph:
            continue
        graph[unit] = {owner[s]: s for s in sorted(units[unit][1], reverse=True) if owner.get(s, unit) != unit}
        todo += graph[unit]
    return graph


def circle_through(graph, start):
    """the shortest way from start back to it, as units"""
    before, todo = {}, deque([start])
    while todo:
        unit = todo.popleft()
        for to in sorted(graph[unit]):
            if to == start:
                way = [unit]
                while way[0] != start:
                    way.insert(0, before[way[0]])
                return way
            if to not in before:
                before[to] = unit
                todo.append(to)
    return None


def find_circles(units):
    mains = {os.path.dirname(u): u for u, (defined, _) in units.items() if 'main' in defined}
    graphs = [graph_of(units, home, mains, [u]) for home, u in mains.items()]
    reached = {u for g in graphs for u in g}
    graphs.append(graph_of(units, '', mains, [u for u in units if u not in reached]))
    lines, seen = set(), set()
    for graph in graphs:
        for unit in sorted(graph):
            way = None if unit in seen else circle_through(graph, unit)
            if way is None:
                continue
            seen.update(way)
            steps = [f'{to} ({graph[a][to]})' for a, to in zip(way, way[1:] + way[:1])]
            lines.add(f'{unit}:{line_of(unit, graph[unit][(way + way)[1]])}: circle: {unit} -> {" -> ".join(steps)}')
    return lines


def find_unused(units, allow):
    allowed = {'main'}
    if os.path.exists(allow):
        with open(allow, encoding='utf-8') as f:
            allowed |= {m.group(1) for m in re.finditer(r'^(\w+)[ \t]+#', f.read(), re.M)}
    wanted = {s for _, want in units.values() for s in want}
    return {f'{unit}:{line_of(unit, s)}: {s} is exported for nobody'
            for unit, (defined, _) in units.items() for s in defined - wanted - allowed}


def main():
    units = read_symbols(sys.argv[2])
    lines = find_circles(units) if sys.argv[1] == 'circles' else find_unused(units, sys.argv[3])
    print('\n'.join(sorted(lines)), end='\n' if lines else '')
    sys.exit(1 if lines else 0)


main()
