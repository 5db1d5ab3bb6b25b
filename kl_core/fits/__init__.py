"""Fitting Q to a target P in either direction of KL and between: minima, landscapes, paths of optimisers, thresholds.

fitting.py, landscape.py, basins.py, descent.py and alpha.py: one Gaussian and a mixture of Gaussians. problem.py: any target
on the line, any of the families of models.py, any divergence of integrands.py; minima.py, runs.py and terrain.py ask it for
its minima, for paths downhill and for its landscape. targets.py: shapes to fit; drawing.py: one's own.
"""
