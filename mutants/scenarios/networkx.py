"""A handful of algorithms on small graphs."""

from __future__ import annotations

import networkx as nx


def town():
    graph = nx.Graph(name="town")
    for place in range(14):
        graph.add_edge(place, (place * 5 + 1) % 14, weight=place % 4 + 1)
        graph.add_edge(place, (place * 3 + 4) % 14, weight=place % 3 + 2)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return graph


def scenario():
    graph = town()
    pipes = nx.DiGraph((u, v, {"capacity": data["weight"]}) for u, v, data in graph.edges(data=True) if u < v)
    return [
        nx.dijkstra_path(graph, 0, 9),
        sorted(nx.minimum_spanning_edges(graph, data=False)),
        {node: round(value, 9) for node, value in nx.betweenness_centrality(graph).items()},
        nx.core_number(graph),
        nx.greedy_color(graph, strategy="largest_first"),
        nx.maximum_flow_value(pipes, 0, 9),
        list(nx.topological_sort(pipes)),
        nx.is_isomorphic(graph, nx.relabel_nodes(graph, lambda node: node + 100)),
        [round(value, 9) for value in nx.clustering(graph).values()],
    ]
