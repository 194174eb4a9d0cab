r"""Shapes of formulas as they stand in papers and textbooks, with places for symbols.

A place ``<x>`` is filled by `training.text.formulas.Sampler`; the same place with a number (``<x1>``) is filled alike
wherever it stands. v: a symbol, perhaps with scripts; x: a letter; g: Greek; S: styled; i: an index; n: its limit;
k: a small whole number; r: a number; e: a short expression; E: a longer one; f: a function's name; A: a call of one;
R: a relation; b: a binary operator; w: an upright word; t: words; U: a unit.
"""

from __future__ import annotations

# A shape is one line, however long.
# ruff: noqa: E501

TRAINING = {
    "calculus": r"""
\int_{<e>}^{<e>} <A>\,d<x1>
\int_{-\infty}^{\infty} e^{-<e>}\,d<x>=\sqrt{\frac{\pi}{<x>}}
\int_0^\infty <x1>^{<v>-1}e^{-<x1>}\,d<x1>=\Gamma(<v>)
\lim_{<x1>\to<e>} \frac{<A>-<A>}{<x1>-<v>}
\lim_{<x1>\to\infty}\left(1+\frac{<v>}{<x1>}\right)^{<x1>}=e^{<v>}
\frac{d}{d<x1>}\left[<A>\right]=<E>
\frac{d<x>}{d<x1>}=<E>
\frac{\partial <v>}{\partial <x1>}=<E>
\frac{\partial^2 <x2>}{\partial <x1>^2}+\frac{\partial^2 <x2>}{\partial <x3>^2}=<e>
<x1>(<x2>)=\sum_{<i1>=0}^{\infty}\frac{<x1>^{(<i1>)}(<v>)}{<i1>!}(<x2>-<v>)^{<i1>}
\sum_{<i1>=1}^{\infty}\frac{1}{<i1>^{<k>}}=\frac{\pi^{<k>}}{<k>}
\int_{<S1>}|\nabla <x>|^2\,dx\leq <x>\int_{<S1>}|<x>|^2\,dx
\|<v>\|_{L^{<x>}(<S>)}\leq C\|<v>\|_{<S>}
<x1>'(<x2>)=<E>
<x1>''+<e><x1>'+<e><x1>=<e>
\int <A>\,d<x1>=<E>+C
\left.\frac{<e>}{<e>}\right|_{<x1>=<r>}
\left[<E>\right]_{<r>}^{<r>}=<e>
\iint_{<S>}<A>\,d<x>\,d<x>
\oint_{<x>}<e>\,dz=2\pi i\sum_{<i>}\operatorname{Res}(<x>,<v>)
|<e>-<e>|<\varepsilon\quad\text{<t>}\quad|<v>-<v>|<\delta
<x1>\colon <S>\to <S>
\forall\varepsilon>0\;\exists\delta>0:\;|<x1>-<x2>|<\delta\Rightarrow|f(<x1>)-f(<x2>)|<\varepsilon
\hat{<x1>}(\xi)=\int_{\mathbb{R}}<x1>(<x2>)e^{-2\pi i<x2>\xi}\,d<x2>
\frac{<E>}{<E>}\xrightarrow[<x1>\to\infty]{}<r>
\sup_{<x1>\in<S>}|<A>|<\infty
\int_{\Omega}<e>\nabla\cdot <S>\,dV=\oint_{\partial\Omega}<S>\cdot\mathbf{n}\,dS
<A>\,dx=-\frac{<E>}{<E>}\,dx
<v>=O(<e>)\qquad\text{<t>}\quad <x1>\to<r>
\int_{<x1>}^{<x2>}\frac{d<x>}{\sqrt{<E>}}
\Delta <v>=<e>\quad\text{in}\ \Omega,\qquad <v>=0\quad\text{on}\ \partial\Omega
\tan^{-1}\left(\frac{<e>}{<e>}\right)
\binom{<x1>}{<i>}=\frac{<x1>!}{<i>!(<x1>-<i>)!}
\frac{1}{2\pi i}\oint_{\gamma}\frac{f(<x1>)}{<x1>-<x2>}\,d<x1>
""",
    "physics": r"""
<v>=<e>
i\hbar\frac{\partial}{\partial t}\psi=<E>\psi
i\hbar\frac{\partial}{\partial t}|\psi(t)\rangle=\hat{H}|\psi(t)\rangle
-\frac{\hbar^2}{2m}\nabla^2\psi+V(<S>)\psi=E\psi
\nabla\times\mathbf{<x>}=-\frac{\partial\mathbf{<x>}}{\partial t}
\nabla\cdot\mathbf{<x>}=\frac{\rho}{\varepsilon_0}
\mathcal{L}=<E>-\frac{1}{4}F_{\mu\nu}F^{\mu\nu}
R_{\mu\nu}-\frac{1}{2}Rg_{\mu\nu}+\Lambda g_{\mu\nu}=\frac{8\pi G}{c^4}T_{\mu\nu}
\langle <v>|<S>|<v>\rangle
\langle <v>\rangle=\frac{1}{Z}\sum_{<i1>}<v>e^{-\beta E_{<i1>}}
\left\langle <E>\right\rangle
\left|\psi\right\rangle=\frac{1}{\sqrt{2}}\left(\left|0\right\rangle+\left|1\right\rangle\right)
[\hat{<x>},\hat{<x>}]=i\hbar
\left[<v>,<v>\right]=i\epsilon_{<i><i><i>}<v>
\frac{d}{dt}\frac{\partial L}{\partial\dot{q}_{<i1>}}-\frac{\partial L}{\partial q_{<i1>}}=0
S=\int dt\,<E>
S=\int d^4x\,\sqrt{-g}\left[<E>\right]
ds^2=-<e>dt^2+<e>dr^2+r^2d\Omega^2
<v>=<r>\times10^{<k>}\,\mathrm{<U>}
<v>=(<r>\pm<r>)\,\mathrm{<U>}
<v>\approx<r>\,\mathrm{<U>}
\rho(<S>)=\sum_{<i1>}|\psi_{<i1>}(<S>)|^2
<g>^{\mu\nu}=<g>^{\mu}<S>^{\nu}-<g>^{\nu}<S>^{\mu}
\Gamma^{<g1>}_{<g2><g3>}=\frac{1}{2}g^{<g1>\sigma}(\partial_{<g2>}g_{<g3>\sigma}+\partial_{<g3>}g_{\sigma <g2>}-\partial_{\sigma}g_{<g2><g3>})
\frac{\partial\rho}{\partial t}+\nabla\cdot(\rho\mathbf{v})=0
\rho\left(\frac{\partial\mathbf{u}}{\partial t}+(\mathbf{u}\cdot\nabla)\mathbf{u}\right)=-\nabla p+\mu\nabla^2\mathbf{u}
H=-J\sum_{\langle i,j\rangle}<v>_{i}<v>_{j}-h\sum_i<v>_i
Z=\operatorname{Tr}e^{-\beta H}
\frac{1}{<v>}=\frac{1}{<v>}+\frac{1}{<v>}
<v>\propto <x>^{-<k>/<k>}
\hat{a}^{\dagger}\hat{a}|n\rangle=n|n\rangle
\int\frac{d^3<x1>}{(2\pi)^3}\frac{<e>}{<e>}
\left(\frac{<v>}{<v>}\right)^{<k>/<k>}
E=\hbar\omega\left(n+\frac{1}{2}\right)
F=G\frac{m_1m_2}{r^2}
\bar{\psi}(i\gamma^{\mu}D_{\mu}-m)\psi
T_{\mathrm{<w>}}=\frac{<E>}{<E>}
\frac{\delta <S>}{\delta <v>(x)}=<e>
\vec{F}=m\vec{a}=<E>
\left(\frac{\dot{a}}{a}\right)^2=\frac{8\pi G}{3}\rho-\frac{k}{a^2}
\mathbf{F}=q(\mathbf{E}+\mathbf{v}\times\mathbf{B})
\oint\mathbf{B}\cdot d\boldsymbol{\ell}=\mu_0I_{\mathrm{<w>}}
\sigma_x\sigma_p\geq\frac{\hbar}{2}
u(<S>,t)=\sum_{\mathbf{k}}\left(a_{\mathbf{k}}e^{i\mathbf{k}\cdot\mathbf{r}}+\mathrm{h.c.}\right)
<v>\to<v>+<v>+\gamma
^{<k>}\mathrm{<x>}+{}^{<k>}\mathrm{<x>}\to{}^{<k>}\mathrm{<x>}
\mathrm{H}_2\mathrm{O}\rightleftharpoons\mathrm{H}^++\mathrm{OH}^-
\underbrace{<E>}_{\text{<t>}}+\underbrace{<E>}_{\text{<t>}}
\partial_{<g1>}<S>^{<g1><g2>}=<v>^{<g2>}
\Delta E=<e>-<e>\simeq<r>\,\mathrm{<U>}
\left|\frac{<E>}{<E>}\right|^2
""",
    "learning": r"""
\mathcal{L}(\theta)=\frac{1}{N}\sum_{<i1>=1}^{N}<A>
\mathcal{L}_{\mathrm{<w>}}=<E>
\mathcal{L}=\mathcal{L}_{\mathrm{<w>}}+\lambda\mathcal{L}_{\mathrm{<w>}}
\operatorname{Attention}(Q,K,V)=\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V
\operatorname{softmax}(<v>)_{<i1>}=\frac{e^{<x1>_{<i1>}}}{\sum_{<i2>}e^{<x1>_{<i2>}}}
\hat{\theta}=\operatorname*{argmin}_{\theta}<A>
\theta^*=\operatorname*{arg\,max}_{\theta\in\Theta}\sum_{<i1>}\log p_{\theta}(x_{<i1>})
\theta_{t+1}=\theta_t-\eta\nabla_{\theta}<S>(\theta_t)
\mathbb{E}_{<x1>\sim<S>}\left[<E>\right]
\mathbb{E}_{q(z|x)}[\log p(x|z)]-D_{\mathrm{KL}}(q(z|x)\,\|\,p(z))
D_{\mathrm{KL}}(p\|q)=\sum_{<x1>}p(<x1>)\log\frac{p(<x1>)}{q(<x1>)}
<v>=\sigma(\mathbf{W}<v>+\mathbf{b})
\mathbf{<x>}^{(l+1)}=\sigma\left(\mathbf{W}^{(l)}\mathbf{<x>}^{(l)}+\mathbf{b}^{(l)}\right)
h_t=\tanh(W_{hh}h_{t-1}+W_{xh}x_t+b_h)
\mathbf{<x>}\in\mathbb{R}^{<x>\times <x>}
p(<x1>|<x2>)=\frac{p(<x2>|<x1>)p(<x1>)}{p(<x2>)}
p_{\theta}(\mathbf{x})=\prod_{<i1>=1}^{<n>}p_{\theta}(x_{<i1>}|x_{<<i1>})
q(\mathbf{x}_t|\mathbf{x}_{t-1})=\mathcal{N}(\mathbf{x}_t;\sqrt{1-\beta_t}\mathbf{x}_{t-1},\beta_t\mathbf{I})
\nabla_{\theta}J(\theta)=\mathbb{E}_{\pi_{\theta}}\left[\nabla_{\theta}\log\pi_{\theta}(a|s)Q^{\pi}(s,a)\right]
Q(s,a)\leftarrow Q(s,a)+\alpha\left[r+\gamma\max_{a'}Q(s',a')-Q(s,a)\right]
V^{\pi}(s)=\mathbb{E}\left[\sum_{t=0}^{\infty}\gamma^tr_t\,\middle|\,s_0=s\right]
\|\mathbf{<x>}-\mathbf{<x>}\|_2^2+\lambda\|<S>\|_1
\min_{<S>}\frac{1}{2}\|<S>\|^2+C\sum_{<i1>=1}^{n}\xi_{<i1>}
\text{s.t.}\quad y_{<i1>}(\mathbf{w}^\top\mathbf{x}_{<i1>}+b)\geq1-\xi_{<i1>}
\min_G\max_D\,\mathbb{E}_{x\sim p_{\mathrm{data}}}[\log D(x)]+\mathbb{E}_{z\sim p_z}[\log(1-D(G(z)))]
\mathcal{D}=\{(\mathbf{x}_{<i1>},y_{<i1>})\}_{<i1>=1}^{N}
\hat{y}_{<i1>}=<E>
\mathbf{<x>}=\mathbf{U}\boldsymbol{\Sigma}\mathbf{V}^\top
\frac{\partial\mathcal{L}}{\partial <v>}=\frac{\partial\mathcal{L}}{\partial <v>}\frac{\partial <v>}{\partial <v>}
<f>(<v>)=\begin{cases}<e>&\text{if }<e>\\<e>&\text{otherwise}\end{cases}
\mathrm{F}_1=\frac{2\cdot\mathrm{precision}\cdot\mathrm{recall}}{\mathrm{precision}+\mathrm{recall}}
\mathcal{O}(<e>)
k(\mathbf{x},\mathbf{x}')=\exp\left(-\frac{\|\mathbf{x}-\mathbf{x}'\|^2}{2\sigma^2}\right)
\hat{m}_t=\frac{m_t}{1-\beta_1^t}
\sum_{<i1>=1}^{K}\pi_{<i1>}\mathcal{N}(\mathbf{x}\mid\boldsymbol{\mu}_{<i1>},\boldsymbol{\Sigma}_{<i1>})
\operatorname{MSE}=\frac{1}{n}\sum_{<i1>=1}^n(y_{<i1>}-\hat{y}_{<i1>})^2
-\log\frac{\exp(<v>/\tau)}{\sum_{<i1>=1}^{<n>}\exp(<v>/\tau)}
<S>=[<v>;<v>]
f_{\theta}:\mathcal{X}\to\mathcal{Y}
\operatorname{head}_{<i1>}=\operatorname{Attention}(QW_{<i1>}^Q,KW_{<i1>}^K,VW_{<i1>}^V)
""",
    "probability": r"""
\mathbb{P}(<e>)=<E>
P(<x1>\mid <x2>)=\frac{P(<x1>\cap <x2>)}{P(<x2>)}
\Pr\left[<E>\geq<e>\right]\leq<e>
\mathbb{E}[<x1>]=\int_{-\infty}^{\infty}xf_{<x1>}(x)\,dx
\operatorname{Var}(<x1>)=\mathbb{E}[<x1>^2]-(\mathbb{E}[<x1>])^2
f(x)=\frac{1}{\sigma\sqrt{2\pi}}e^{-\frac{(x-\mu)^2}{2\sigma^2}}
f(x)=\frac{1}{\sqrt{2\pi\sigma^2}}\exp\left(-\frac{(x-\mu)^2}{2\sigma^2}\right)
X_{<i>}\sim\mathcal{N}(\mu,\sigma^2)
\bar{X}_n=\frac{1}{n}\sum_{<i1>=1}^nX_{<i1>}\xrightarrow{\mathrm{a.s.}}\mu
\sqrt{n}(\bar{X}_n-\mu)\xrightarrow{d}\mathcal{N}(0,\sigma^2)
P(X=k)=\binom{n}{k}p^k(1-p)^{n-k}
P(X=k)=\frac{\lambda^ke^{-\lambda}}{k!}
L(\theta)=\prod_{<i1>=1}^nf(x_{<i1>};\theta)
\hat{\beta}=(\mathbf{X}^\top\mathbf{X})^{-1}\mathbf{X}^\top\mathbf{y}
s^2=\frac{1}{n-1}\sum_{<i1>=1}^n(x_{<i1>}-\bar{x})^2
t=\frac{\bar{x}-\mu_0}{s/\sqrt{n}}
H_0:<v>=<r>\quad\text{<t>}\quad H_1:<v>\neq<r>
dX_t=\mu(X_t,t)\,dt+\sigma(X_t,t)\,dW_t
\mathbb{E}\left[<E>\,\middle|\,\mathcal{F}_{<i>}\right]
\mathbb{E}[<A>\mid <v>]
\chi^2=\sum_{<i1>=1}^k\frac{(O_{<i1>}-E_{<i1>})^2}{E_{<i1>}}
r=\frac{\sum_{<i1>}(x_{<i1>}-\bar{x})(y_{<i1>}-\bar{y})}{\sqrt{\sum_{<i1>}(x_{<i1>}-\bar{x})^2\sum_{<i1>}(y_{<i1>}-\bar{y})^2}}
\Phi\left(\frac{<e>}{<e>}\right)
\mathbf{1}_{<e>}
p<<r>
(\Omega,\mathcal{F},\mathbb{P})
y_{<i1>}=\beta_0+\beta_1x_{<i1>}+\varepsilon_{<i1>}
\mathbb{P}\left(\bigcup_{<i1>=1}^{<n>}A_{<i1>}\right)\leq\sum_{<i1>=1}^{<n>}\mathbb{P}(A_{<i1>})
\lim_{n\to\infty}\mathbb{P}\left(|<v>-<v>|>\varepsilon\right)=0
<v>\mid <v>,<v>\sim\operatorname{Beta}(<v>,<v>)
\pi(\theta\mid x)\propto <A>\pi(\theta)
95\%\ \mathrm{CI}:[<r>,<r>]
""",
    "algebra": r"""
<x1>:<S>\to <S>
\operatorname{Hom}_{<S>}(<x>,<x>)\cong <e>
0\to <x>\to <x>\to <x>\to0
0\longrightarrow <S>\longrightarrow <S>\longrightarrow <S>\longrightarrow0
<x1>/<x2>\cong <S>
H^{<i>}(<x>,<S>)=0
H_{<i>}(<x>;\mathbb{Z})\cong\bigoplus_{<i1>}<S>
\det(<x>-\lambda I)=0
\mathbb{Z}/<x>\mathbb{Z}
(\mathbb{Z}/p\mathbb{Z})^{\times}
[<x1>:<x2>]=<E>
\langle <x>,<x>\mid <e>\rangle
<v>\equiv<r>\pmod{<x>}
a\equiv b\bmod <x>
<x1>\otimes_{<x>}<x>\to <x>
\zeta(s)=\sum_{n=1}^{\infty}\frac{1}{n^s}=\prod_{p}\frac{1}{1-p^{-s}}
\zeta(s)=\prod_{p\ \text{prime}}\left(1-p^{-s}\right)^{-1}
x=\frac{-b\pm\sqrt{b^2-4ac}}{2a}
x^n+y^n=z^n
a^{p-1}\equiv1\pmod p
f(x)=a_nx^n+a_{n-1}x^{n-1}+\cdots+a_1x+a_0
<x1>_1,<x1>_2,\ldots,<x1>_{<n>}\in <S>
\{<e>\mid <e>\}
\left\{<E>:<e>\in <S>\right\}
|G|=\sum_{<i1>}[G:C_G(g_{<i1>})]
\pi_1(<x>)\cong <S>*<S>
\varprojlim_{<i>}<x>/<S>^{<i>}
\bigwedge^{<k>}<x>
\mathfrak{g}=\mathfrak{h}\oplus\bigoplus_{\alpha\in\Phi}\mathfrak{g}_{\alpha}
[<x1>,[<x2>,<x3>]]+[<x2>,[<x3>,<x1>]]+[<x3>,[<x1>,<x2>]]=0
\chi(<x1>)=\sum_{<i1>=0}^{<n>}(-1)^{<i1>}\dim H^{<i1>}(<x1>)
\operatorname{Gal}(<x>/<S>)
<v>=\sum_{<i1>\in<S>}<v><v>
<x>_{<i1>j}=\sum_{k=1}^{n}<x>_{<i1>k}<x>_{kj}
\mathcal{O}_{<x>}(<k>)
X\times_{Y}Z
A^{\mathsf{T}}A=I
<S>\hookrightarrow <S>\twoheadrightarrow <S>
\operatorname{SL}_2(\mathbb{Z})\backslash\mathbb{H}
|<S>|=2^{\aleph_0}
""",
    "logic": r"""
<S>=\{<e>,<e>,\ldots,<e>\}
\{<x1>\in <S>:<e>\}
\forall <x1>\in <S>\;\exists <x2>:<e>
\forall x\,(P(x)\to Q(x))
\neg(<x1>\wedge <x2>)\Leftrightarrow\neg <x1>\vee\neg <x2>
\Gamma\vdash <g>
<S>\models <g>
T(n)=2T(n/2)+O(n)
T(n)=\begin{cases}<e>&\text{if }n=1\\<e>&\text{if }n>1\end{cases}
O(n\log n)
\Theta(n^{<k>}\log <x>)
\lfloor <e>\rfloor
\left\lceil\frac{<e>}{<e>}\right\rceil
\sum_{<i1>=1}^{n}<i1>=\frac{n(n+1)}{2}
\sum_{<i1>=0}^{n}\binom{n}{<i1>}=2^n
|<x1>\cup <x2>|=|<x1>|+|<x2>|-|<x1>\cap <x2>|
\bigcup_{<i1>\in I}<x>_{<i1>}
G=(V,E)
\deg(v)\leq <e>
F_n=F_{n-1}+F_{n-2}
\chi(G)\leq\Delta(G)+1
\overline{A\cup B}=\overline{A}\cap\overline{B}
<x1>\oplus <x2>=<e>
<x>\subseteq <S>\times <S>
f:\{0,1\}^{<x>}\to\{0,1\}
\mathsf{P}\neq\mathsf{NP}
\binom{<e>}{<e>}\leq\left(\frac{en}{k}\right)^k
2^{<e>}
x\mapsto <e>
\frac{\Gamma\vdash <x>:<g>\quad\Gamma\vdash <x>:<g>}{\Gamma\vdash <x>\,<x>:<g>}
\log_2 <v>
(\exists x)(<e>\wedge <e>)
""",
    "economics": r"""
\max_{<S>}\ <E>
\max_{c_t}\sum_{t=0}^{\infty}\beta^tu(c_t)
\text{s.t.}\quad c_t+k_{t+1}=f(k_t)+(1-\delta)k_t
u'(c_t)=\beta(1+r_{t+1})u'(c_{t+1})
Y_t=A_tK_t^{\alpha}L_t^{1-\alpha}
\frac{\partial <x>}{\partial <x>}=<e>=0
\pi_t=\beta\mathbb{E}_t\pi_{t+1}+\kappa x_t
U(c)=\frac{c^{1-\gamma}-1}{1-\gamma}
NPV=\sum_{t=1}^{T}\frac{C_t}{(1+r)^t}-C_0
\ln y_{it}=\beta_0+\beta_1\ln x_{it}+\alpha_i+\gamma_t+\varepsilon_{it}
y_{it}=\alpha+\beta x_{it}+\mathbf{z}_{it}'\boldsymbol{\gamma}+u_{it}
MRS=-\frac{MU_x}{MU_y}
V(k)=\max_{k'}\{u(f(k)-k')+\beta V(k')\}
P_t=\mathbb{E}_t\left[M_{t+1}(P_{t+1}+D_{t+1})\right]
\frac{\dot{c}}{c}=\frac{1}{\sigma}\left(<E>\right)
C=S_0N(d_1)-Ke^{-rT}N(d_2)
d_1=\frac{\ln(S_0/K)+(r+\sigma^2/2)T}{\sigma\sqrt{T}}
E[R_i]=R_f+\beta_i(E[R_m]-R_f)
\epsilon=\frac{\%\Delta Q}{\%\Delta P}
GDP=C+I+G+(X-M)
i_t=r^*+\pi_t+0.5(\pi_t-\pi^*)+0.5y_t
\sum_{<i1>=1}^{n}p_{<i1>}x_{<i1>}\leq m
Q_d=<r>-<r>P
\text{Profit}=<e>-<e>
\Delta y_t=\alpha+\rho y_{t-1}+\sum_{<i1>=1}^{p}\phi_{<i1>}\Delta y_{t-<i1>}+\varepsilon_t
R^2=<r>,\quad n=<k>
""",
    "engineering": r"""
<v>=<r>\,\mathrm{<U>}
G(s)=\frac{<e>}{s^2+<e>s+<e>}
H(z)=\frac{<e>}{1-<e>z^{-1}}
\mathbf{A}\mathbf{x}=\mathbf{b}
\dot{\mathbf{x}}=\mathbf{A}\mathbf{x}+\mathbf{B}\mathbf{u}
\mathbf{M}\ddot{\mathbf{q}}+\mathbf{C}\dot{\mathbf{q}}+\mathbf{K}\mathbf{q}=\mathbf{f}
V_{\mathrm{<w>}}=<E>
P=\frac{V^2}{R}=<r>\,\mathrm{W}
Re=\frac{\rho vD}{\mu}
\eta=1-\frac{T_{\mathrm{<w>}}}{T_{\mathrm{<w>}}}
\sigma=\frac{F}{A}=<e>
\frac{d^2<x>}{dt^2}+2\zeta\omega_n\frac{d<x>}{dt}+\omega_n^2<x>=<e>
X(f)=\int_{-\infty}^{\infty}x(t)e^{-j2\pi ft}\,dt
X[k]=\sum_{n=0}^{N-1}x[n]e^{-j2\pi kn/N}
x_{n+1}=x_n-\frac{f(x_n)}{f'(x_n)}
u_{i}^{n+1}=u_i^n+\frac{\Delta t}{\Delta x^2}\left(u_{i+1}^n-2u_i^n+u_{i-1}^n\right)
\dot{m}=\rho vA
q=-k\frac{dT}{dx}
PV=nRT
\frac{1}{R}=\frac{1}{R_1}+\frac{1}{R_2}+\cdots+\frac{1}{R_n}
Z=R+j\omega L+\frac{1}{j\omega C}
\left(P+\frac{an^2}{V^2}\right)(V-nb)=nRT
SNR=10\log_{10}\frac{P_{\mathrm{<w>}}}{P_{\mathrm{<w>}}}\,\mathrm{dB}
K=K_p+\frac{K_i}{s}+K_ds
<v>=<r>\%
<v>=\frac{<r>}{<r>}=<r>
\theta=<r>^{\circ}
M=\frac{wL^2}{8}
k=Ae^{-E_a/(RT)}
\mathrm{pH}=-\log_{10}[\mathrm{H}^+]
C=B\log_2\left(1+\frac{S}{N}\right)
<r>\times<r>=<r>
<r>\,\mathrm{<U>}/\mathrm{<U>}
\text{<t>}=\frac{\text{<t>}}{\text{<t>}}
\hat{\mathbf{x}}_{k|k}=\hat{\mathbf{x}}_{k|k-1}+\mathbf{K}_k\tilde{\mathbf{y}}_k
""",
}

# Shapes that no training formula is made from: what the model says of these it has not learned by heart.
VALIDATION = {
    "calculus": r"""
\int_{<x1>}^{<x2>}u\,dv=\left.uv\right|_{<x1>}^{<x2>}-\int_{<x1>}^{<x2>}v\,du
\frac{d}{dx}\int_{<x1>(x)}^{<x2>(x)}f(x,t)\,dt=f(x,<x2>(x))<x2>'(x)-f(x,<x1>(x))<x1>'(x)+\int_{<x1>(x)}^{<x2>(x)}\frac{\partial f}{\partial x}\,dt
\left(\int_{<S>}|fg|\right)\leq\left(\int_{<S>}|f|^p\right)^{1/p}\left(\int_{<S>}|g|^q\right)^{1/q}
\Gamma(z)\Gamma(1-z)=\frac{\pi}{\sin\pi z}
\arctan <e>=\sum_{<i1>=0}^{\infty}\frac{(-1)^{<i1>}<x>^{2<i1>+1}}{2<i1>+1}
W^{<i>,<x>}(<S>)\hookrightarrow C^{0,\alpha}(\overline{<S>})
""",
    "physics": r"""
\left(\nabla^2-\frac{1}{c^2}\frac{\partial^2}{\partial t^2}\right)<v>=<e>
B_{\nu}(T)=\frac{2h\nu^3}{c^2}\frac{1}{e^{h\nu/k_BT}-1}
\psi_{n\ell m}(r,\theta,\phi)=R_{n\ell}(r)Y_{\ell}^m(\theta,\phi)
U=\frac{1}{4\pi\epsilon_0}\frac{q_1q_2}{|\mathbf{r}_1-\mathbf{r}_2|}
\mathcal{M}=\bar{u}(p')\gamma^{\mu}u(p)\frac{-ig_{\mu\nu}}{q^2}\bar{v}(k)\gamma^{\nu}v(k')
t'=\frac{t-vx/c^2}{\sqrt{1-v^2/c^2}}
\dot{\rho}=-\frac{i}{\hbar}[H,\rho]+\sum_{<i1>}\left(L_{<i1>}\rho L_{<i1>}^{\dagger}-\frac{1}{2}\{L_{<i1>}^{\dagger}L_{<i1>},\rho\}\right)
""",
    "learning": r"""
\operatorname{GELU}(x)=\frac{x}{2}\left[1+\operatorname{erf}\left(\frac{x}{\sqrt{2}}\right)\right]
\mathcal{J}_{\mathrm{PPO}}=\mathbb{E}_t\left[\min\left(r_t(\theta)\hat{A}_t,\operatorname{clip}(r_t(\theta),1-\epsilon,1+\epsilon)\hat{A}_t\right)\right]
\mathbf{c}_t=\mathbf{f}_t\odot\mathbf{c}_{t-1}+\mathbf{i}_t\odot\tilde{\mathbf{c}}_t
\hat{x}_{<i1>}=\frac{x_{<i1>}-\mu_{\mathcal{B}}}{\sqrt{\sigma_{\mathcal{B}}^2+\epsilon}}
\mathbf{h}_v^{(<i>)}=\phi\left(\mathbf{h}_v^{(<i>-1)},\bigoplus_{u\in\mathcal{N}(v)}\psi(\mathbf{h}_u^{(<i>-1)})\right)
\log p(\mathbf{x})\geq\int q(\mathbf{z})\log\frac{p(\mathbf{x},\mathbf{z})}{q(\mathbf{z})}\,d\mathbf{z}
""",
    "probability": r"""
\mathbb{P}(|X-\mu|\geq k\sigma)\leq\frac{1}{k^2}
\rho_{X,Y}=\frac{\operatorname{Cov}(X,Y)}{\sigma_X\sigma_Y}
f(x)=\frac{x^{\alpha-1}(1-x)^{\beta-1}}{B(\alpha,\beta)}
\mathcal{I}(\theta)=-\mathbb{E}\left[\frac{\partial^2}{\partial\theta^2}\log f(X;\theta)\right]
\bar{x}\pm z_{\alpha/2}\frac{\sigma}{\sqrt{n}}
""",
    "algebra": r"""
\sum_{d\mid n}\mu(d)=\begin{cases}1&\text{if }n=1\\0&\text{if }n>1\end{cases}
\operatorname{ch}(E)\operatorname{td}(X)\in H^*(X,\mathbb{Q})
\left(\frac{p}{q}\right)\left(\frac{q}{p}\right)=(-1)^{\frac{p-1}{2}\frac{q-1}{2}}
\cdots\to H_n(A)\to H_n(X)\to H_n(X,A)\xrightarrow{\partial}H_{n-1}(A)\to\cdots
\Delta=-16(4a^3+27b^2)
N_{L/K}(<v>)=\prod_{\sigma\in\operatorname{Gal}(L/K)}\sigma(<v>)
""",
    "logic": r"""
\sum_{v\in V}\deg(v)=2|E|
H(X)=-\sum_{x\in\mathcal{X}}p(x)\log_2p(x)
\left|\bigcup_{i=1}^nA_i\right|=\sum_{\emptyset\neq J\subseteq[n]}(-1)^{|J|+1}\left|\bigcap_{j\in J}A_j\right|
n!\sim\sqrt{2\pi n}\left(\frac{n}{e}\right)^n
C_n=\frac{1}{n+1}\binom{2n}{n}
""",
    "economics": r"""
\frac{\partial\mathcal{L}}{\partial x_{<i1>}}=\frac{\partial u}{\partial x_{<i1>}}-\lambda p_{<i1>}=0
q_t=\mathbb{E}_t\sum_{<i1>=1}^{\infty}\left(\frac{1-\delta}{1+r}\right)^{<i1>}MPK_{t+<i1>}
\hat{\beta}_{\mathrm{IV}}=(\mathbf{Z}'\mathbf{X})^{-1}\mathbf{Z}'\mathbf{y}
C_t=\left(\int_0^1C_t(i)^{\frac{\epsilon-1}{\epsilon}}\,di\right)^{\frac{\epsilon}{\epsilon-1}}
""",
    "engineering": r"""
\Delta p=f\frac{L}{D}\frac{\rho v^2}{2}
y(t)=\int_0^th(t-\tau)u(\tau)\,d\tau
\sigma_{\mathrm{vM}}=\sqrt{\frac{(\sigma_1-\sigma_2)^2+(\sigma_2-\sigma_3)^2+(\sigma_3-\sigma_1)^2}{2}}
\mathbf{K}_k=\mathbf{P}_{k|k-1}\mathbf{H}_k^\top\left(\mathbf{H}_k\mathbf{P}_{k|k-1}\mathbf{H}_k^\top+\mathbf{R}_k\right)^{-1}
k_{n+1}=hf\left(t_n+\frac{h}{2},y_n+\frac{k_n}{2}\right)
""",
}
